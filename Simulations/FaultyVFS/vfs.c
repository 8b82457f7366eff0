/* SQLite's side: the methods of the VFS and of its files. See https://sqlite.org/vfs.html. */
#include "disk.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

/* A file that a connection has open. */
typedef struct faulty_file {
  sqlite3_file base;
  uint32_t disk;
  uint64_t life;
  inode *node;
  int lock;
  uint16_t shm_shared;
  uint16_t shm_exclusive;
} faulty_file;

enum { write_bytes_max = 0x1ffff };

static sqlite3_vfs *system_vfs;
static uint64_t seed;
static int64_t now_ms;

/* The disk of an open file, or NULL where the process that opened it is gone: then every call fails. */
static faulty_disk *disk_of(faulty_file *file) {
  faulty_disk *disk = disk_numbered(file->disk);
  if (!disk || disk->life != file->life || disk_call_crashes(disk)) return NULL;
  return disk;
}

/* ---- Reading and writing */

/* Where a sector starts that lies wholly between `offset` and `offset + length`; -1 where the one drawn does not. */
static int64_t sector_within(faulty_disk *disk, int64_t offset, int64_t length) {
  if (length <= 0) return -1;
  int64_t start = offset + (int64_t)disk_random(disk, (uint64_t)length);
  start -= start % sector_bytes;
  return start >= offset && start + sector_bytes <= offset + length ? start : -1;
}

/* Puts another sector at `place` of what was read; false where it is the same. */
static bool replaces(void *bytes, int64_t place, const uint8_t *sector) {
  if (memcmp((uint8_t *)bytes + place, sector, sector_bytes) == 0) return false;
  memcpy((uint8_t *)bytes + place, sector, sector_bytes);
  return true;
}

static int file_read(sqlite3_file *base, void *bytes, int length, sqlite3_int64 offset) {
  faulty_file *file = (faulty_file *)base;
  faulty_disk *disk = disk_of(file);
  if (!disk) return SQLITE_IOERR_READ;
  if (disk_strikes(disk, disk->rates.read_error)) {
    disk->counts.read_errors++;
    return SQLITE_IOERR_READ;
  }
  const content *cache = &file->node->cache;
  int64_t there = cache->size - offset;
  if (there > length) there = length;
  if (there < 0) there = 0;
  if (there > 0 && disk_strikes(disk, disk->rates.short_read)) {
    disk->counts.short_reads++;
    there = (int64_t)disk_random(disk, (uint64_t)there);
  }
  if (there > 0) memcpy(bytes, cache->bytes + offset, (size_t)there);
  if (there == length && disk_strikes(disk, disk->rates.stale_read)) {
    const content *previous = &file->node->previous;
    /* Most sectors were never written over. */
    bool is_stale = false;
    for (int attempt = 0; attempt < 8 && !is_stale; attempt++) {
      int64_t start = sector_within(disk, offset, length);
      is_stale = start >= 0 && start + sector_bytes <= previous->size &&
                 replaces(bytes, start - offset, previous->bytes + start);
    }
    if (is_stale) disk->counts.stale_reads++;
  }
  if (there == length && disk_strikes(disk, disk->rates.misdirected_read)) {
    int64_t start = sector_within(disk, offset, length);
    int64_t other = sector_within(disk, 0, cache->size);
    if (start >= 0 && other >= 0 && replaces(bytes, start - offset, cache->bytes + other)) {
      disk->counts.misdirected_reads++;
    }
  }
  if (there == length) return SQLITE_OK;
  memset((uint8_t *)bytes + there, 0, (size_t)(length - there));
  return SQLITE_IOERR_SHORT_READ;
}

static int file_write(sqlite3_file *base, const void *bytes, int length, sqlite3_int64 offset) {
  faulty_file *file = (faulty_file *)base;
  faulty_disk *disk = disk_of(file);
  if (!disk) return SQLITE_IOERR_WRITE;
  if (disk_strikes(disk, disk->rates.write_error)) {
    disk->counts.write_errors++;
    return SQLITE_IOERR_WRITE;
  }
  /* As the system's, which never gets more than a page from SQLite itself and writes none of what is longer. */
  if (length <= write_bytes_max && inode_write(disk, file->node, bytes, length, offset)) return SQLITE_OK;
  disk->counts.full++;
  return SQLITE_FULL;
}

static int file_truncate(sqlite3_file *base, sqlite3_int64 size) {
  faulty_file *file = (faulty_file *)base;
  faulty_disk *disk = disk_of(file);
  return disk && inode_truncate(file->node, size) ? SQLITE_OK : SQLITE_IOERR_TRUNCATE;
}

static int file_sync(sqlite3_file *base, int flags) {
  (void)flags;
  faulty_file *file = (faulty_file *)base;
  faulty_disk *disk = disk_of(file);
  if (!disk) return SQLITE_IOERR_FSYNC;
  disk->counts.syncs++;
  if (disk_strikes(disk, disk->rates.sync_error)) {
    disk->counts.sync_errors++;
    inode_fail_sync(disk, file->node);
    return SQLITE_IOERR_FSYNC;
  }
  if (disk_strikes(disk, disk->rates.sync_lie)) {
    disk->counts.sync_lies++;
    file->node->was_lied_about = true;
    return SQLITE_OK;
  }
  inode_sync(file->node);
  disk_sync_entry(disk, file->node);
  return SQLITE_OK;
}

static int file_size(sqlite3_file *base, sqlite3_int64 *size) {
  faulty_file *file = (faulty_file *)base;
  if (!disk_of(file)) return SQLITE_IOERR_FSTAT;
  *size = file->node->cache.size;
  return SQLITE_OK;
}

/* ---- Locks of the file */

static int file_lock(sqlite3_file *base, int level) {
  faulty_file *file = (faulty_file *)base;
  faulty_disk *disk = disk_of(file);
  if (!disk) return SQLITE_IOERR_LOCK;
  inode *node = file->node;
  if (file->lock >= level) return SQLITE_OK;
  if (disk_strikes(disk, disk->rates.busy)) {
    disk->counts.busies++;
    return SQLITE_BUSY;
  }
  if (node->exclusive && node->exclusive != file) return SQLITE_BUSY;
  switch (level) {
    case SQLITE_LOCK_SHARED:
      node->shared++;
      break;
    case SQLITE_LOCK_RESERVED:
      if (node->reserved && node->reserved != file) return SQLITE_BUSY;
      node->reserved = file;
      break;
    default:
      if (node->reserved && node->reserved != file) return SQLITE_BUSY;
      node->exclusive = file;
      if (node->shared > 1) {
        file->lock = SQLITE_LOCK_PENDING;
        return SQLITE_BUSY;
      }
      break;
  }
  file->lock = level;
  return SQLITE_OK;
}

static void release_lock(faulty_file *file, int level) {
  inode *node = file->node;
  if (file->lock <= level) return;
  if (node->exclusive == file) node->exclusive = NULL;
  if (node->reserved == file) node->reserved = NULL;
  if (level == SQLITE_LOCK_NONE && file->lock >= SQLITE_LOCK_SHARED) node->shared--;
  file->lock = level;
}

static int file_unlock(sqlite3_file *base, int level) {
  faulty_file *file = (faulty_file *)base;
  if (!disk_of(file)) return SQLITE_IOERR_UNLOCK;
  release_lock(file, level);
  return SQLITE_OK;
}

static int file_check_reserved(sqlite3_file *base, int *is_reserved) {
  faulty_file *file = (faulty_file *)base;
  if (!disk_of(file)) return SQLITE_IOERR_CHECKRESERVEDLOCK;
  *is_reserved = file->node->reserved != NULL || file->node->exclusive != NULL;
  return SQLITE_OK;
}

/* ---- Shared memory of the write-ahead log */

static int shm_map(sqlite3_file *base, int region, int bytes, int extend, void volatile **memory) {
  faulty_file *file = (faulty_file *)base;
  *memory = NULL;
  if (!disk_of(file) || region < 0 || region >= shm_regions_max) return SQLITE_IOERR_SHMMAP;
  uint8_t **there = &file->node->regions[region];
  if (!*there && extend) *there = calloc(1, (size_t)bytes);
  if (!*there && extend) return SQLITE_IOERR_NOMEM;
  *memory = *there;
  return SQLITE_OK;
}

static void release_shm(faulty_file *file, uint16_t mask) {
  for (int slot = 0; slot < shm_locks; slot++) {
    uint16_t bit = (uint16_t)(1 << slot);
    if (!(mask & bit)) continue;
    if (file->shm_shared & bit) file->node->shm_shared[slot]--;
    if (file->node->shm_exclusive[slot] == file) file->node->shm_exclusive[slot] = NULL;
  }
  file->shm_shared &= (uint16_t)~mask;
  file->shm_exclusive &= (uint16_t)~mask;
}

static int shm_lock(sqlite3_file *base, int offset, int count, int flags) {
  faulty_file *file = (faulty_file *)base;
  faulty_disk *disk = disk_of(file);
  if (!disk) return SQLITE_IOERR_SHMLOCK;
  uint16_t mask = (uint16_t)(((1 << count) - 1) << offset);
  if (flags & SQLITE_SHM_UNLOCK) {
    release_shm(file, mask);
    return SQLITE_OK;
  }
  if (disk_strikes(disk, disk->rates.busy)) {
    disk->counts.busies++;
    return SQLITE_BUSY;
  }
  bool is_exclusive = flags & SQLITE_SHM_EXCLUSIVE;
  for (int slot = offset; slot < offset + count; slot++) {
    uint16_t bit = (uint16_t)(1 << slot);
    int others = file->node->shm_shared[slot] - (file->shm_shared & bit ? 1 : 0);
    void *holder = file->node->shm_exclusive[slot];
    if ((holder && holder != file) || (is_exclusive && others > 0)) return SQLITE_BUSY;
  }
  for (int slot = offset; slot < offset + count; slot++) {
    uint16_t bit = (uint16_t)(1 << slot);
    if (is_exclusive) {
      file->node->shm_exclusive[slot] = file;
      file->shm_exclusive |= bit;
    } else if (!(file->shm_shared & bit)) {
      file->node->shm_shared[slot]++;
      file->shm_shared |= bit;
    }
  }
  return SQLITE_OK;
}

static void shm_barrier(sqlite3_file *base) { (void)base; }

static int shm_unmap(sqlite3_file *base, int is_deleted) {
  faulty_file *file = (faulty_file *)base;
  faulty_disk *disk = disk_numbered(file->disk);
  if (!disk || disk->life != file->life) return SQLITE_OK;
  release_shm(file, UINT16_MAX);
  if (is_deleted) {
    for (int region = 0; region < shm_regions_max; region++) {
      free(file->node->regions[region]);
      file->node->regions[region] = NULL;
    }
  }
  return SQLITE_OK;
}

/* ---- Files as a whole */

static int file_close(sqlite3_file *base) {
  faulty_file *file = (faulty_file *)base;
  faulty_disk *disk = disk_numbered(file->disk);
  if (disk && disk->life == file->life) {
    release_lock(file, SQLITE_LOCK_NONE);
    release_shm(file, UINT16_MAX);
  }
  inode_release(file->node);
  return SQLITE_OK;
}

static int file_control(sqlite3_file *base, int operation, void *argument) {
  (void)base, (void)operation, (void)argument;
  return SQLITE_NOTFOUND;
}

static int file_sector_size(sqlite3_file *base) {
  (void)base;
  return 4096;
}

static int file_characteristics(sqlite3_file *base) {
  (void)base;
  return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static const sqlite3_io_methods file_methods = {
  .iVersion = 2,
  .xClose = file_close,
  .xRead = file_read,
  .xWrite = file_write,
  .xTruncate = file_truncate,
  .xSync = file_sync,
  .xFileSize = file_size,
  .xLock = file_lock,
  .xUnlock = file_unlock,
  .xCheckReservedLock = file_check_reserved,
  .xFileControl = file_control,
  .xSectorSize = file_sector_size,
  .xDeviceCharacteristics = file_characteristics,
  .xShmMap = shm_map,
  .xShmLock = shm_lock,
  .xShmBarrier = shm_barrier,
  .xShmUnmap = shm_unmap,
};

/* Whether a path is that of a simulated disk. */
static bool is_simulated(const char *path) { return path && strncmp(path, "/sim/", 5) == 0; }

/* The disk and the name on it that a path stands for; NULL where there is none. */
static faulty_disk *located(const char *path, const char **name) {
  if (!is_simulated(path)) return NULL;
  char *end;
  unsigned long number = strtoul(path + 5, &end, 10);
  if (*end != '/') return NULL;
  *name = end + 1;
  return disk_numbered((uint32_t)number);
}

static int vfs_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *base, int flags, int *out_flags) {
  (void)vfs;
  faulty_file *file = (faulty_file *)base;
  const char *name;
  faulty_disk *disk = located(path, &name);
  if (!is_simulated(path)) return system_vfs->xOpen(system_vfs, path, base, flags, out_flags);
  if (!disk) return SQLITE_CANTOPEN;
  file->base.pMethods = NULL;
  if (disk_call_crashes(disk)) return SQLITE_CANTOPEN;
  if (disk_strikes(disk, disk->rates.open_error)) {
    disk->counts.open_errors++;
    return SQLITE_CANTOPEN;
  }
  inode *node = disk_find(disk, name);
  if (!node && !(flags & SQLITE_OPEN_CREATE)) return SQLITE_CANTOPEN;
  if (!node) node = disk_make(disk, name);
  inode_retain(node);
  *file = (faulty_file){.base.pMethods = &file_methods, .disk = disk->number, .life = disk->life, .node = node};
  if (out_flags) *out_flags = flags;
  return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *path, int sync_directory) {
  (void)vfs;
  const char *name;
  faulty_disk *disk = located(path, &name);
  if (!is_simulated(path)) return system_vfs->xDelete(system_vfs, path, sync_directory);
  if (!disk) return SQLITE_IOERR_DELETE;
  if (disk_call_crashes(disk)) return SQLITE_IOERR_DELETE;
  if (!disk_find(disk, name)) return SQLITE_IOERR_DELETE_NOENT;
  disk_unlink(disk, name, sync_directory != 0);
  return SQLITE_OK;
}

static int vfs_access(sqlite3_vfs *vfs, const char *path, int flags, int *result) {
  (void)vfs;
  const char *name;
  faulty_disk *disk = located(path, &name);
  if (!is_simulated(path)) return system_vfs->xAccess(system_vfs, path, flags, result);
  if (!disk) return SQLITE_IOERR_ACCESS;
  if (disk_call_crashes(disk)) return SQLITE_IOERR_ACCESS;
  inode *node = disk_find(disk, name);
  /* As the system's: an empty file does not count as existing. */
  *result = node && (flags != SQLITE_ACCESS_EXISTS || node->cache.size > 0);
  return SQLITE_OK;
}

static int vfs_full_path(sqlite3_vfs *vfs, const char *path, int bytes, char *result) {
  (void)vfs;
  if (strncmp(path, "/sim/", 5) != 0) return system_vfs->xFullPathname(system_vfs, path, bytes, result);
  if ((int)strlen(path) >= bytes) return SQLITE_CANTOPEN;
  strcpy(result, path);
  return SQLITE_OK;
}

static int vfs_randomness(sqlite3_vfs *vfs, int count, char *bytes) {
  (void)vfs;
  for (int index = 0; index < count; index++) {
    seed = seed * 6364136223846793005 + 1442695040888963407;
    bytes[index] = (char)(seed >> 56);
  }
  return count;
}

static int vfs_sleep(sqlite3_vfs *vfs, int microseconds) {
  (void)vfs;
  return microseconds;
}

static int vfs_time_ms(sqlite3_vfs *vfs, sqlite3_int64 *time) {
  (void)vfs;
  /* Julian days times 86,400,000: 1970 began at 2440587.5. */
  *time = 210866760000000 + now_ms;
  return SQLITE_OK;
}

static int vfs_time(sqlite3_vfs *vfs, double *time) {
  sqlite3_int64 milliseconds;
  vfs_time_ms(vfs, &milliseconds);
  *time = (double)milliseconds / 86400000.0;
  return SQLITE_OK;
}

static int vfs_last_error(sqlite3_vfs *vfs, int bytes, char *message) {
  (void)vfs;
  if (bytes > 0) message[0] = 0;
  return 0;
}

int faulty_vfs_register(void) {
  static sqlite3_vfs vfs;
  if (system_vfs) return SQLITE_OK;
  system_vfs = sqlite3_vfs_find(NULL);
  if (!system_vfs) return SQLITE_ERROR;
  vfs = (sqlite3_vfs){
    .iVersion = 2,
    .szOsFile = system_vfs->szOsFile > (int)sizeof(faulty_file) ? system_vfs->szOsFile : (int)sizeof(faulty_file),
    .mxPathname = system_vfs->mxPathname,
    .zName = "anabranch-sim",
    .xOpen = vfs_open,
    .xDelete = vfs_delete,
    .xAccess = vfs_access,
    .xFullPathname = vfs_full_path,
    .xRandomness = vfs_randomness,
    .xSleep = vfs_sleep,
    .xCurrentTime = vfs_time,
    .xGetLastError = vfs_last_error,
    .xCurrentTimeInt64 = vfs_time_ms,
  };
  return sqlite3_vfs_register(&vfs, 1);
}

void faulty_vfs_seed(uint64_t value) {
  seed = value;
  sqlite3_randomness(0, NULL);
}

void faulty_vfs_set_time(int64_t milliseconds) { now_ms = milliseconds; }
