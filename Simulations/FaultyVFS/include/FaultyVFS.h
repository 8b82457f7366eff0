/*
** A SQLite VFS whose files lie on simulated disks in memory. It forgets, tears, lies and fails as disks do, and
** every fault is drawn from a seed, so that the same seed gives the same bytes.
**
** faulty_vfs_register() makes it the default VFS of the process. A path "/sim/N/NAME" is file NAME on disk N; any
** other path, and temporary files, go to the system's own VFS. Nothing here is thread-safe: a simulation has one
** thread.
**
** The model of a disk:
**
**   cache      what a running process reads: every write shows at once
**   pending    writes since the last honest fsync, in order
**   durable    what survives a power cut for sure
**
** A power cut keeps an arbitrary subset of the pending writes, sector by sector (512 bytes), so that older and newer
** sectors mix and a write can be torn. Directory entries are kept apart from the files they name: a new file, and a
** removed one, are certain only after an fsync (see "The Theory of Torn Writes" in SQLite's atomiccommit.html, and
** Pillai et al., "All File Systems Are Not Created Equal", 2014). A failed fsync leaves the pages clean: what was
** pending shows in the cache and is lost with the power, and the next fsync says nothing of it (Rebello et al., "Can
** Applications Recover from fsync Failures?", 2020). Where the system drops such a page from its cache, which is drawn,
** what was there before shows again at once.
*/
#ifndef FAULTY_VFS_H
#define FAULTY_VFS_H

#include <stdbool.h>
#include <stdint.h>

/* One simulated disk. */
typedef struct faulty_disk faulty_disk;

/* How often each kind of call goes wrong, in parts per million of those calls. */
typedef struct faulty_rates {
  uint32_t read_error;   /* SQLITE_IOERR_READ */
  uint32_t short_read;   /* the end of the bytes is missing, reported as such */
  uint32_t stale_read;   /* one sector as it was before it was last written, silently */
  uint32_t misdirected_read; /* one sector as another one is, silently */
  uint32_t write_error;  /* SQLITE_IOERR_WRITE; nothing is written */
  uint32_t sync_error;   /* SQLITE_IOERR_FSYNC; what was pending will not survive */
  uint32_t sync_lie;     /* success is reported; what was pending stays pending */
  uint32_t open_error;   /* SQLITE_CANTOPEN */
  uint32_t busy;         /* SQLITE_BUSY from a lock */
} faulty_rates;

/* What happened so far on a disk. */
typedef struct faulty_counts {
  uint64_t calls;         /* calls of the VFS that touch files */
  uint64_t syncs;         /* fsyncs asked for */
  uint64_t read_errors;
  uint64_t short_reads;
  uint64_t stale_reads;
  uint64_t misdirected_reads;
  uint64_t write_errors;
  uint64_t sync_errors;
  uint64_t sync_lies;
  uint64_t open_errors;
  uint64_t busies;
  uint64_t full;          /* writes refused for want of space */
  uint64_t crashes;       /* planned crashes that came */
  uint64_t dropped;       /* sectors a power cut took */
  uint64_t kept;          /* unsynced sectors a power cut left */
  uint64_t torn;          /* writes of which it took only a part */
  uint64_t entries_lost;  /* directory entries it set back */
  uint64_t lies_lost;     /* files of which it took something that was said to be durable */
} faulty_counts;

/* Makes the VFS the default one. Returns an SQLite result code. Doing it again has no effect. */
int faulty_vfs_register(void);

/* Sets what SQLite's own generator is seeded from, and starts that generator anew. */
void faulty_vfs_seed(uint64_t seed);

/* Sets the time that SQLite is told, in milliseconds since 1970. */
void faulty_vfs_set_time(int64_t milliseconds);

/* Makes an empty disk number `number`. Paths lead to it instead of to an older one of that number from now on; that one
** is still to be destroyed. Faults are drawn from `seed`. */
faulty_disk *faulty_disk_create(uint32_t number, uint64_t seed);

/* Removes a disk and its files. No connection may be open to it. */
void faulty_disk_destroy(faulty_disk *disk);

/* Sets how often calls fail from now on. */
void faulty_disk_set_rates(faulty_disk *disk, faulty_rates rates);

/* Sets the bytes that all files together may take; a negative number sets no bound. */
void faulty_disk_set_capacity(faulty_disk *disk, int64_t bytes);

/* Has the process that uses the disk crash within the call that follows `calls` others: that one and all later ones
** fail without effect, until faulty_disk_end_process(). A negative number plans none. */
void faulty_disk_crash_after(faulty_disk *disk, int64_t calls);

/* Spares the calls from now on all faults, and counts none of them: somebody looks from outside. */
void faulty_disk_set_spared(faulty_disk *disk, bool is_spared);

/* Whether the planned crash has come. */
bool faulty_disk_has_crashed(const faulty_disk *disk);

/* The process has ended in whatever way: its locks and shared memory are gone, its writes are still in the cache. */
void faulty_disk_end_process(faulty_disk *disk);

/* The power fails, which also ends the process. */
void faulty_disk_lose_power(faulty_disk *disk);

/* Everything pending becomes durable, as it does after some time by itself. */
void faulty_disk_settle(faulty_disk *disk);

/* Makes `target` hold the files that `source` shows, all durable: a copied folder, or a machine that was cloned. */
void faulty_disk_copy(const faulty_disk *source, faulty_disk *target);

/* Takes away all files, as on a new disk. What happened so far is still counted. */
void faulty_disk_clear(faulty_disk *disk);

/* Copies what a process sees of a file to another name in place of whatever had it, durably. False where there is no
** such file. */
bool faulty_disk_copy_file(faulty_disk *disk, const char *name, const char *new_name);

/* Removes a file, durably. False where there is none. */
bool faulty_disk_remove(faulty_disk *disk, const char *name);

/* Turns one bit of a file, chosen by the disk's generator among those of the `length` bytes from `offset` on, as far as
** they are there. False where the file has none of them, or is missing. */
bool faulty_disk_rot(faulty_disk *disk, const char *name, int64_t offset, int64_t length);

/* Whether `bytes`, `length` of them and at least one, stand anywhere in a file, as a process sees it; with `durably`
** also where the power would leave them. */
bool faulty_disk_holds(const faulty_disk *disk, const char *name, const uint8_t *bytes, int64_t length,
                       bool durably);

/* The bytes of all files together, as a process sees them. */
int64_t faulty_disk_used(const faulty_disk *disk);

/* The size of a file as a process sees it, in bytes; -1 where there is none. */
int64_t faulty_disk_size(const faulty_disk *disk, const char *name);

/* Copies the beginning of a file, as a process sees it, into `bytes`: `length` of them, or all there are. Returns how many
** that was; -1 where there is no such file. */
int64_t faulty_disk_read(const faulty_disk *disk, const char *name, uint8_t *bytes, int64_t length);

/* What happened so far. */
faulty_counts faulty_disk_counts(const faulty_disk *disk);

#endif
