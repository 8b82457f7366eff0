/* Options of SQLite that only C can set, since they are set through a function with a variable number of arguments. */
#ifndef CSQLITE_OPTIONS_H
#define CSQLITE_OPTIONS_H

struct sqlite3;

/* Has SQLite not count the memory that it takes, for which it locks and unlocks a mutex with each piece. For the whole
** process, and only before it does anything else there: SQLITE_MISUSE afterwards. See SQLITE_CONFIG_MEMSTATUS. */
int sqlite_count_no_memory(void);

/* Whether closing the last connection leaves the write-ahead log as it is, rather than copying it into the database.
** See SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE. Returns an SQLite result code. */
int sqlite_keep_log_on_close(struct sqlite3 *connection, int is_kept);

#endif
