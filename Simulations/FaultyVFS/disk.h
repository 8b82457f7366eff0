/* The model of a disk, for the VFS alone. */
#ifndef FAULTY_DISK_H
#define FAULTY_DISK_H

#include "include/FaultyVFS.h"

#include <stddef.h>

/* Bytes that a disk writes whole or not at all. */
enum { sector_bytes = 512, shm_locks = 8, shm_regions_max = 64 };

/* Bytes of a file. */
typedef struct content {
  uint8_t *bytes;
  int64_t size;
  int64_t capacity;
} content;

/* A write that no fsync has covered yet; one without bytes set the size. */
typedef struct pending_write {
  int64_t offset;
  int64_t length;
  uint8_t *bytes;
} pending_write;

/* A file apart from its name. */
typedef struct inode {
  content cache;
  content durable;
  /* What stood where something was written over, for reads that come too late. */
  content previous;
  /* Whether a sync of what is pending reported success and did nothing. */
  bool was_lied_about;
  /* Whether a sync that failed then had it forgotten. */
  bool is_lie_forgotten;
  pending_write *pending;
  size_t pending_count;
  size_t pending_capacity;
  int references;

  /* What belongs to the running process: locks of the file and of its shared memory. */
  int shared;
  void *reserved;
  void *exclusive;
  uint8_t *regions[shm_regions_max];
  /* Those of the process before, which may still be closing its connections. */
  uint8_t *old_regions[shm_regions_max];
  int shm_shared[shm_locks];
  void *shm_exclusive[shm_locks];
} inode;

/* A name and the file that it names. */
typedef struct entry {
  char *name;
  inode *node;
} entry;

/* The names on a disk. */
typedef struct directory {
  entry *entries;
  size_t count;
} directory;

struct faulty_disk {
  uint32_t number;
  uint64_t random;
  faulty_rates rates;
  faulty_counts counts;
  int64_t capacity;
  int64_t crash_after;
  bool has_crashed;
  bool is_spared;
  /* Counts the processes that used the disk, so that a handle of an earlier one is told apart. */
  uint64_t life;
  directory shown;
  directory durable;
};

/* The disk of that number; NULL where there is none. */
faulty_disk *disk_numbered(uint32_t number);

/* Counts a call, and tells whether the process is gone, or goes with it. */
bool disk_call_crashes(faulty_disk *disk);

/* Whether a fault of that rate, in parts per million, strikes now. */
bool disk_strikes(faulty_disk *disk, uint32_t rate);

/* An even number below `bound`, which is above 0. */
uint64_t disk_random(faulty_disk *disk, uint64_t bound);

/* The file of that name; NULL where there is none. */
inode *disk_find(const faulty_disk *disk, const char *name);

/* A new empty file of that name, which there was none of. */
inode *disk_make(faulty_disk *disk, const char *name);

/* Takes the name away; it is certain once the directory is synced. */
void disk_unlink(faulty_disk *disk, const char *name, bool is_certain);

/* Makes the directory's entry for `node` certain. */
void disk_sync_entry(faulty_disk *disk, const inode *node);

/* Writes, or sets the size; false where the disk is full, and then nothing has changed. */
bool inode_write(faulty_disk *disk, inode *node, const void *bytes, int64_t length, int64_t offset);
bool inode_truncate(inode *node, int64_t size);

/* Makes all pending writes durable. */
void inode_sync(inode *node);

/* Forgets the pending writes, as a sync does that fails: they may show as long as the power is there, or not. */
void inode_fail_sync(faulty_disk *disk, inode *node);

/* Has the pending writes show and be forgotten with the power. */
void inode_forget_pending(inode *node);

/* Counts a user of the file; the last one that goes frees it. */
void inode_retain(inode *node);
void inode_release(inode *node);

#endif
