-- A made-up EHR database, as far as the queries of database.toml read it.
CREATE TABLE enhet (id INTEGER PRIMARY KEY, hsa_id TEXT NOT NULL, namn TEXT NOT NULL);
CREATE TABLE patient (
    id INTEGER PRIMARY KEY,
    personnummer TEXT NOT NULL,
    lan TEXT NOT NULL,
    sekretess INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE listning (
    id INTEGER PRIMARY KEY,
    patient_id INTEGER NOT NULL REFERENCES patient (id),
    enhet_id INTEGER NOT NULL REFERENCES enhet (id),
    fran TEXT NOT NULL,
    till TEXT,
    makulerad INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE kontakt (
    id INTEGER PRIMARY KEY,
    patient_id INTEGER NOT NULL REFERENCES patient (id),
    typ TEXT NOT NULL,
    personal_hsa_id TEXT NOT NULL,
    enhet_id INTEGER NOT NULL REFERENCES enhet (id),
    fran TEXT NOT NULL,
    till TEXT,
    registrerad TEXT NOT NULL,
    kommentar TEXT,
    makulerad INTEGER NOT NULL DEFAULT 0
);

INSERT INTO enhet VALUES
    (1, 'SE2321000131-DEMOVC01', 'Vårdcentralen Ängsblomman'),
    (2, 'SE2321000131-DEMOVC04', 'Vårdcentralen Förgätmigej'),
    (3, 'SE2321000131-DEMODS01', 'Distriktssköterskorna Ängsblomman');
INSERT INTO patient VALUES
    (501, '191212121212', '14', 0),
    (502, '191001259827', '14', 0),
    (503, '191001269818', '14', 1),
    (504, '191001229812', '14', 0);
INSERT INTO listning VALUES
    (9001, 501, 2, '2022-04-01', '2024-12-31', 0),
    (9002, 501, 1, '2025-01-01', NULL, 0),
    (9003, 502, 2, '2024-02-12', NULL, 0),
    (9004, 503, 1, '2023-07-03', NULL, 0),
    (9005, 504, 1, '2025-06-02', NULL, 1);
INSERT INTO kontakt VALUES
    (7001, 501, 'FLK', 'SE2321000131-DEMOL01', 1, '2025-01-15', NULL, '2025-01-14 14:20:00', 'Du når mig via 1177.', 0),
    (7002, 501, 'FVK', 'SE2321000131-DEMOS01', 3, '2025-03-03', NULL, '2025-03-03 08:45:00', NULL, 0),
    (7003, 502, 'FLK', 'SE2321000131-DEMOL05', 2, '2024-03-01', '2027-12-31', '2024-03-01 10:05:00', NULL, 0),
    (7004, 503, 'FLK', 'SE2321000131-DEMOL01', 1, '2023-07-03', NULL, '2023-07-03 09:00:00', NULL, 0),
    (7005, 502, 'ANNAN', 'SE2321000131-DEMOS02', 2, '2025-01-01', NULL, '2025-01-01 12:00:00', NULL, 0),
    (7006, 504, 'FLK', 'SE2321000131-DEMOL01', 1, '2025-06-02', NULL, '2025-06-02 13:30:00', NULL, 1);
