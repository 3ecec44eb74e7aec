"""The SQL of finding, in one place: what an engine other than DuckDB would have to understand."""

NUMBER = """
CREATE TABLE texts AS
SELECT row_number() OVER (ORDER BY n_letters DESC, digest, alone) - 1 AS text, digest, n_letters, alone,
       n_copies, first_copy, second_copy
FROM (
    SELECT digest, n_letters, alone, count(*) AS n_copies, min(copy_id) AS first_copy,
           min(CASE WHEN place = 2 THEN copy_id END) AS second_copy
    FROM (
        SELECT digest, n_letters, alone, copy_id,
               row_number() OVER (PARTITION BY digest, n_letters, alone ORDER BY copy_id) AS place
        FROM (
            SELECT digest, n_letters, copy_id, CASE WHEN n_letters = 0 THEN copy_id ELSE '' END AS alone FROM seeded
        ) AS folded
    ) AS placed
    GROUP BY digest, n_letters, alone
) AS collapsed
"""
"""Copies of equal letters are one text, but for those of none: these stay alone. Texts are numbered longest first, so a number says nothing of the order of arrival."""

TEXTS = """
SELECT texts.text, texts.n_letters, seeded.seeds
FROM texts JOIN seeded ON seeded.copy_id = texts.first_copy
ORDER BY texts.text
"""

COPIES = "CREATE TABLE copies AS SELECT {columns}, n_letters, digest FROM seeded"
"""What is kept of the copies once their seeds are in hand."""

POSTINGS = "SELECT part, block FROM postings ORDER BY part, first"
LINKS = "SELECT part, block FROM links ORDER BY part"

SUSPECTS = """
CREATE TABLE suspects AS
SELECT seed, count(*) AS n, sum(permille) AS total FROM junk GROUP BY seed HAVING count(*) >= {least}
"""
"""Seeds that links which cover little have in common."""

BOILERPLATE = """
CREATE TABLE boilerplate AS
SELECT suspects.seed, suspects.n + coalesce(kept.n, 0) AS n_links, suspects.total + coalesce(kept.total, 0) AS permille
FROM suspects LEFT JOIN (SELECT seed, count(*) AS n, sum(permille) AS total FROM good GROUP BY seed) AS kept
ON kept.seed = suspects.seed
WHERE suspects.total + coalesce(kept.total, 0) < {junk} * (suspects.n + coalesce(kept.n, 0))
"""
"""Of the suspects, those whose links, the good ones too, cover little on the mean."""

FOUND = """
SELECT {columns}, story.story_id,
       CASE WHEN copies.copy_id <> texts.first_copy THEN 'identical'
            WHEN members.nearest IS NOT NULL THEN members.relation
            WHEN texts.n_copies > 1 THEN 'identical' END AS relation,
       CASE WHEN copies.copy_id <> texts.first_copy THEN texts.first_copy
            WHEN members.nearest IS NOT NULL THEN nearest.first_copy
            ELSE texts.second_copy END AS nearest_copy,
       CASE WHEN copies.copy_id <> texts.first_copy THEN 1.0
            WHEN members.nearest IS NOT NULL THEN members.coverage / 1000.0
            WHEN texts.n_copies > 1 THEN 1.0 END AS coverage,
       CASE WHEN copies.copy_id <> texts.first_copy THEN 1.0
            WHEN members.nearest IS NOT NULL THEN members.coverage_of_nearest / 1000.0
            WHEN texts.n_copies > 1 THEN 1.0 END AS coverage_of_nearest,
       copies.n_letters, members.story_letters
FROM copies
JOIN texts ON texts.digest = copies.digest AND texts.n_letters = copies.n_letters AND texts.alone IN ('', copies.copy_id)
JOIN members ON members.text = texts.text
LEFT JOIN texts AS nearest ON nearest.text = members.nearest
JOIN (
    SELECT members.story, min(texts.first_copy) AS story_id
    FROM members JOIN texts ON texts.text = members.text GROUP BY members.story
) AS story ON story.story = members.story
ORDER BY copies.copy_id
"""
