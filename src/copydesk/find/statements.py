"""The SQL of finding, in one place: what an engine other than DuckDB would have to understand."""

NUMBER = """
CREATE TABLE texts AS
SELECT row_number() OVER (ORDER BY length DESC, digest, alone) - 1 AS text, digest, n_letters, length, alone,
       place, n_copies, first_copy, second_copy
FROM (
    SELECT digest, n_letters, length, alone, min(place) AS place, count(*) AS n_copies, min(copy_id) AS first_copy,
           min(CASE WHEN nth = 2 THEN copy_id END) AS second_copy
    FROM (
        SELECT digest, n_letters, length, alone, copy_id, place,
               row_number() OVER (PARTITION BY digest, n_letters, alone ORDER BY copy_id) AS nth
        FROM (
            SELECT digest, n_letters, length, copy_id, place, CASE WHEN n_letters = 0 THEN copy_id ELSE '' END AS alone
            FROM copies
        ) AS folded
    ) AS ranked
    GROUP BY digest, n_letters, length, alone
) AS collapsed
"""
"""Copies of equal letters are one text, but for those of none: these stay alone.

Texts are numbered longest first, those of one class of length by digest, so a number says nothing of the order of arrival. (The
very longest copy of a large story is its most edited.) `place` is where the seeds of one of the copies are.
"""

TEXTS = "SELECT n_letters, place FROM texts ORDER BY text"

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
