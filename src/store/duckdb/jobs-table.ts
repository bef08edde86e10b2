/** Jobs: one row each, replaced as they get on. */
export const jobsTable: readonly string[] = [
  `CREATE TABLE jobs (
    id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    request VARCHAR NOT NULL,
    progress VARCHAR NOT NULL,
    result VARCHAR,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
  )`,
  `COMMENT ON COLUMN jobs.id IS 'names the job'`,
  `COMMENT ON COLUMN jobs.kind IS 'what does the work: backfill or verification'`,
  `COMMENT ON COLUMN jobs.state IS 'running (it goes on after a restart), done, failed or cancelled'`,
  `COMMENT ON COLUMN jobs.request IS 'what was asked, JSON'`,
  `COMMENT ON COLUMN jobs.progress IS 'how far it is, JSON; saved ten times a second at most'`,
  `COMMENT ON COLUMN jobs.result IS 'what came of it, JSON; null while it runs'`,
  `COMMENT ON COLUMN jobs.created_at IS 'when it was asked for'`,
  `COMMENT ON COLUMN jobs.updated_at IS 'when this row was written last'`,
]
