"""Word lists of the normalisation: short hand-written tables, no rule in here."""

from __future__ import annotations

import re

STOP_WORDS = frozenset(
    {"a", "au", "aux", "d", "de", "des", "du", "en", "l", "la", "le", "les", "un", "une"}
    | {"dans", "par", "pour", "sur", "avec", "chez", "son", "sa", "ses"}
)

# What opens the name of a skill and says nothing of it: « faire du crépi » is not « faire les
# courses ». Canonical forms, as ``normalise.canonical`` writes them.
LIGHT_WORDS = frozenset(
    {"faire", "utiliser", "realiser", "effectuer", "travailler", "avoir", "etre", "savoir"}
    | {"pouvoir", "connaitre", "pratiquer", "assurer", "servir", "participer", "mettre"}
    | {"aller", "prendre", "gerer", "rester", "aimer", "aider", "bien", "simple"}
    | {"je", "j", "sait", "sais", "fais", "fait", "ai", "se", "me", "mon", "ma", "mes"}
    | {"qui", "que", "ce", "et", "ou", "tout", "toute", "travail", "chose", "capable"}
)

# Masculine and feminine that no ending rule relates, and plurals of their own.
IRREGULAR = {
    "hotesse": "hote",
    "hotesses": "hote",
    "maitresse": "maitre",
    "maitresses": "maitre",
    "barmaid": "barman",
    "barmaids": "barman",
    "barmen": "barman",
    "pizzaiola": "pizzaiolo",
    "cheffe": "chef",
    "cheffes": "chef",
    "travaux": "travail",
    "vitraux": "vitrail",
    "yeux": "oeil",
    "oeufs": "oeuf",
    "caces": "caces",
    "permis": "permis",
    "patronne": "patron",
    "copine": "copain",
    "steward": "steward",
    "gouvernante": "gouvernant",
    "chaufeur": "chauffeur",
    "chauffeuse": "chauffeur",
    "masseuse": "masseur",
    "serveuse": "serveur",
    "manoeuvres": "manoeuvre",
}

_ABBREVIATED = {
    "adv": "administration vente",
    "aes": "accompagnant educatif social",
    "aesh": "accompagnant eleve situation handicap",
    "amp": "aide medico psychologique",
    "apa": "activite physique adaptee",
    "asg": "assistant soin gerontologie",
    "ash": "agent service hospitalier",
    "assmat": "assistant maternel",
    "asst": "assistant",
    "atsem": "agent territorial specialise ecole maternelle",
    "avf": "assistant vie famille",
    "avs": "auxiliaire vie sociale",
    "bat": "batiment",
    "btp": "batiment travaux publics",
    "cdes": "commandes",
    "cesf": "conseiller economie sociale familiale",
    "cip": "conseiller insertion professionnelle",
    "cn": "commande numerique",
    "cnc": "commande numerique",
    "compta": "comptabilite",
    "cvc": "chauffage ventilation climatisation",
    "deaes": "accompagnant educatif social",
    "deas": "aide soignant",
    "dev": "developpeur",
    "drh": "directeur ressources humaines",
    "eje": "educateur jeunes enfants",
    "elec": "electricite",
    "els": "employe libre service",
    "etam": "employe technicien agent maitrise",
    "gms": "grande moyenne surface",
    "gmao": "gestion maintenance assistee ordinateur",
    "ide": "infirmier soins generaux",
    "ind": "industrie",
    "logist": "logistique",
    "maint": "maintenance",
    "manut": "manutention",
    "meca": "mecanique",
    "magas": "magasinier",
    "ouv": "ouvrier",
    "pl": "poids lourd",
    "prepa": "preparateur",
    "rdv": "rendez vous",
    "resp": "responsable",
    "restau": "restaurant",
    "resto": "restaurant",
    "rh": "ressources humaines",
    "secu": "securite",
    "spl": "super poids lourd",
    "tech": "technicien",
    "telepro": "teleprospecteur",
    "tisf": "technicien intervention sociale familiale",
    "tp": "travaux publics",
    "vl": "vehicule leger",
    "vrd": "voirie reseaux divers",
    "vsl": "vehicule sanitaire leger",
}
ABBREVIATIONS = {short: tuple(long.split()) for short, long in _ABBREVIATED.items()}

# Recommendations of the Assurance maladie that were renumbered on 1 January 2020.
OLD_CACES = {
    "r372": "r482",
    "r377": "r487",
    "r383": "r483",
    "r386": "r486",
    "r389": "r489",
    "r390": "r490",
    "r318": "r484",
    "r366": "r485",
}
# Their categories, where the letter or the number changed with them.
OLD_CATEGORIES = {
    ("r372", "1"): "a",
    ("r372", "2"): "b1",
    ("r372", "3"): "c2",
    ("r372", "4"): "c1",
    ("r372", "6"): "c3",
    ("r372", "7"): "d",
    ("r372", "8"): "e",
    ("r372", "9"): "f",
    ("r372", "10"): "g",
    ("r389", "1"): "1a",
    ("r389", "2"): "2b",
    ("r389", "6"): "7",
    ("r386", "1a"): "a",
    ("r386", "3a"): "a",
    ("r386", "1b"): "b",
    ("r386", "3b"): "b",
}

# What a title says beside the trade, on folded text.
_PLACED = "dans|en|avec|chez|sur|aupres"
QUERY_LEADS = re.compile(
    r"^\W*(?:(?:urgent|nous|on|je|j'|recrutement|recrute|recrutons|recherche(?:ons)?"
    r"|cherche(?:ons)?|besoin|voudrais|veux|aimerais|suis|etre|faire|travailler comme"
    rf"|devenir|(?:travail(?:ler)?|bosser|boulot|taf) (?=(?:{_PLACED}) )"
    r"|offre d'emploi|offre|emploi|poste|metier|job)\b[\s:!\-]*"
    rf"(?:(?:d'|(?:un|une|des|de|du|comme|pour|les|le|la|{_PLACED})(?![a-z']))(?:\(e\))?\s*)*)+"
    r"(?=\w{3})"
)
QUERY_NOISE = re.compile(
    r"\b(?:cdi|cdd|cddi|interim(?:aire)?s?|alternan(?:ce|t|te)|apprenti(?:e|s|ssage)?|stage"
    r"|stagiaire|contrat pro(?:fessionnalisation)?|contrat d'apprentissage|vacation|saison(?:nier)?"
    r"|remplacement(?: (?:de )?conges?(?: \w+)?)?|temps (?:plein|partiel|complet)|mi[- ]temps"
    r"|urgent|debutants? acceptes?|debutant|debutante|junior|senior|confirmee?|experimentee?"
    r"|(?:en |(?:en )?(?:petits?|grands?) )deplacements?|(?<!vie )etudiante?s?"
    r"|qualifiee?|motivee?|diplomee?|polyvalente? et motivee?|rqth|(?:de )?nuit|(?:de )?jour"
    r"|week[- ]?end|[2345] ?[x*] ?8|postee?(?! de)|en journee|ref\.? ?\w*\d\w*|reconversion"
    r"|(?:poste )?a pourvoir(?: \w*ment| de suite)?|basee? (?:a|sur) \w+"
    r"|(?<!de )(?<!du )secteur [a-z][a-z\- ]*$"
    r"|n\d ?p\d|n[1-4](?: ?(?:a|/|-) ?n[1-4])?|niveau [1-5]|coef\w*\.? ?\d+|d\.e\.?"
    r"|\d{1,2} ?h(?:eures?)?(?:\d\d)?(?: ?/ ?sem\w*)?|\d{1,2} (?:mois|semaines|jours)"
    r"|\d{5}|h/f|f/h)(?![a-z0-9])|\(\d\d\d?\)|\b[a-z]{2}\d{4,}\b"
    r"|\d[\d ]*(?:[.,]\d+)? ?(?:k?€|euros?)(?: ?/? ?(?:h|heures?|mois|an|jour|brut|net)\b)*"
)
# The name of a diploma is not that of the trade it leads to: « CAP cuisine », « BTS compta ».
QUERY_DIPLOMAS = re.compile(
    r"\b(?:cap|capa|bep|bepa|bts|btsa|dut|deust|cqp[im]?|btm|bachelor"
    r"|(?:bac(?:calaureat)?|licence|brevet|titre) pro(?:fessionnel(?:le)?)?"
    r"|titre a finalite professionnelle|certificat de qualification professionnelle"
    r"|mention complementaire|brevet de (?:maitrise|technicien superieur)"
    r"|(?:diplome|certificat)(?: (?:d'etat|universitaire|national|d'universite|d'ingenieur))?"
    r"|option|specialite|mention)(?![a-z0-9])(?: (?:de |d'|en |du )(?=\w{3}))?"
)
# « Une entreprise recherche un maçon »: what comes before is who asks.
QUERY_ASKERS = re.compile(
    r"^.{2,60}?\b(?:recherche|recherchons|recrute|recrutons|cherche)\b[^,;:]{0,40}?"
    r"\b(?:un|une|des|son|sa|ses)\b(?:\(e\))?\s+(?=\w{3})"
)
