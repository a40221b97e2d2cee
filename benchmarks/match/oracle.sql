-- The whole normative rule in SQL, written from docs/matching.md alone. Days are DATEs.
-- Tables: person, mode, offer, need, fact, interest, neighbour, session, brings, before, clock.

CREATE MACRO kilometres(lat1, lon1, lat2, lon2) AS greatest(2.0, 2 * 6371.0 * asin(sqrt(least(1.0,
    pow(sin(radians(lat2 - lat1) / 2), 2)
    + cos(radians(lat1)) * cos(radians(lat2)) * pow(sin(radians(lon2 - lon1) / 2), 2)))));
CREATE MACRO outcome(held, threshold) AS
    CASE WHEN held IS NULL THEN 'unknown' WHEN held >= threshold THEN 'met' ELSE 'gap' END;

-- Travel: the least over the person's modes; pairs out of reach are in no list.
CREATE TABLE pair AS
SELECT p.person, o.offer, min(m.wait + 60 * 1.3 * d.km / m.speed) AS minutes
FROM person p CROSS JOIN offer o
CROSS JOIN LATERAL (SELECT CASE WHEN p.commune = o.commune THEN 2.0
    ELSE kilometres(p.lat, p.lon, o.lat, o.lon) END AS km) d
JOIN mode m ON m.person = p.person
GROUP BY p.person, o.offer, p.max_minutes
HAVING minutes <= p.max_minutes;

-- One requirement, one person. A credential's level is the day it must be valid on.
CREATE TABLE best AS
SELECT person, family, max(level) AS level FROM fact WHERE family IS NOT NULL GROUP BY ALL;
CREATE TABLE reading AS
SELECT q.person, q.offer, n.row, n.subject, n.level, n.kind,
    outcome(f.level, n.threshold) AS class,
    f.level IS NULL AND coalesce(b.level >= n.threshold, false) AS backed
FROM pair q JOIN need n USING (offer)
LEFT JOIN fact f ON f.person = q.person AND f.subject = n.subject
LEFT JOIN best b ON b.person = q.person AND b.family = n.family
WHERE n.kind IN ('regulatory', 'day_one', 'desired');
CREATE TABLE counted AS
SELECT q.person, q.offer, q.minutes,
    count(*) FILTER (kind <> 'desired' AND class = 'unknown') AS unknown,
    count(*) FILTER (kind <> 'desired' AND class = 'unknown' AND NOT backed) AS doubt,
    count(*) FILTER (kind <> 'desired' AND class = 'gap') AS gap,
    count(*) FILTER (kind = 'desired' AND class = 'met') AS desired
FROM pair q LEFT JOIN reading USING (person, offer)
GROUP BY ALL;

-- Sessions with seats, late enough, remote or in reach; open when no prerequisite is a gap.
CREATE TABLE reachable AS
SELECT p.person, s.session, s.finish, NOT EXISTS (
        SELECT 1 FROM before b JOIN fact f ON f.subject = b.subject
        WHERE b.session = s.session AND f.person = p.person
            AND outcome(f.level, b.threshold) = 'gap') AS open
FROM person p CROSS JOIN clock CROSS JOIN session s
WHERE s.seats > 0 AND s.start >= greatest(clock.today, p.available) AND (s.commune IS NULL
    OR EXISTS (SELECT 1 FROM mode m WHERE m.person = p.person AND m.wait + 60 * 1.3
        * CASE WHEN p.commune = s.commune THEN 2.0 ELSE kilometres(p.lat, p.lon, s.lat, s.lon) END
        / m.speed <= p.max_minutes));
CREATE TABLE closing AS
SELECT r.person, r.offer, r.row, a.session, a.finish, a.open
FROM reading r
JOIN brings b ON b.subject = r.subject AND b.level >= r.level
JOIN reachable a ON a.person = r.person AND a.session = b.session
WHERE r.kind <> 'desired' AND r.class = 'gap';
CREATE TABLE step AS
SELECT person, offer, min(finish) AS step_end FROM (
    SELECT c.person, c.offer, c.session, c.finish
    FROM closing c JOIN counted n USING (person, offer)
    WHERE c.open GROUP BY c.person, c.offer, c.session, c.finish, n.gap HAVING count(*) = n.gap)
GROUP BY person, offer;
CREATE TABLE path AS
SELECT person, offer, max(finish) AS path_end FROM (
    SELECT person, offer, row, min(finish) AS finish FROM closing CROSS JOIN clock
    WHERE finish <= today + 365 GROUP BY person, offer, row)
JOIN counted USING (person, offer)
GROUP BY person, offer, gap HAVING count(*) = gap;

-- The five groups.
CREATE TABLE judged AS
SELECT *, CASE WHEN near IS NULL THEN coalesce(far, 5) WHEN unknown > 0 THEN 3 ELSE near END AS class,
    CASE WHEN near = 1 THEN soonest WHEN near = 2 AND gap = 0 THEN available
        WHEN near = 2 THEN step_end WHEN far = 4 AND gap = 0 THEN soonest
        WHEN far = 4 THEN path_end END AS ready_by
FROM (
    SELECT n.*, o.occupation, p.available, step_end, path_end,
        greatest(today, p.available) AS soonest,
        CASE WHEN gap = 0 AND p.available <= o.wanted THEN 1
            WHEN gap = 0 AND p.available <= o.latest THEN 2
            WHEN gap > 0 AND step_end <= o.latest THEN 2 END AS near,
        CASE WHEN p.available <= today + 365 AND (gap = 0 OR path_end IS NOT NULL) THEN 4 END AS far
    FROM counted n JOIN offer o USING (offer) JOIN person p USING (person) CROSS JOIN clock
    LEFT JOIN step USING (person, offer) LEFT JOIN path USING (person, offer));

-- The order: eight keys (equity has no part in a person's own list), disliked occupations left out.
CREATE TABLE listed AS
SELECT person, offer, class, ready_by, unknown, doubt, gap, desired, minutes,
    row_number() OVER (PARTITION BY person ORDER BY class, taste,
        isoyear(ready_by) * 100 + weekofyear(ready_by) NULLS LAST,
        doubt, unknown + gap, desired DESC,
        CASE WHEN minutes <= 30 THEN 0 WHEN minutes <= 45 THEN 1 WHEN minutes <= 60 THEN 2 ELSE 3 END,
        sha256(offer || '|' || person)) AS rank
FROM (
    SELECT j.*, CASE WHEN i.liking > 0 THEN 0 WHEN i.liking < 0 THEN 3
        WHEN EXISTS (SELECT 1 FROM interest l JOIN neighbour n ON n.occupation = l.occupation
            WHERE l.person = j.person AND l.liking > 0 AND n.other = j.occupation) THEN 1
        ELSE 2 END AS taste
    FROM judged j LEFT JOIN interest i ON i.person = j.person AND i.occupation = j.occupation)
WHERE taste < 3;
