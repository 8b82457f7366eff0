/* Files, names and power cuts. See FaultyVFS.h for what is modelled. */
#include "disk.h"

#include <stdlib.h>
#include <string.h>

enum { disks_max = 4096 };
static faulty_disk *disks[disks_max];
/* Counts the lives of all disks, so that a file left open by an earlier one is told apart. */
static uint64_t lives;

/* ---- Memory: a simulation that runs out of it cannot go on. */

static void *grown(void *memory, size_t bytes) {
  void *result = realloc(memory, bytes == 0 ? 1 : bytes);
  if (!result) abort();
  return result;
}

static char *copied(const char *text) {
  size_t bytes = strlen(text) + 1;
  return memcpy(grown(NULL, bytes), text, bytes);
}

/* ---- Contents */

static void content_resize(content *content, int64_t size) {
  if (size > content->capacity) {
    content->capacity = size > 2 * content->capacity ? size : 2 * content->capacity;
    content->bytes = grown(content->bytes, (size_t)content->capacity);
  }
  if (size > content->size) memset(content->bytes + content->size, 0, (size_t)(size - content->size));
  content->size = size;
}

static void content_write(content *content, const uint8_t *bytes, int64_t length, int64_t offset) {
  if (offset + length > content->size) content_resize(content, offset + length);
  memcpy(content->bytes + offset, bytes, (size_t)length);
}

static void content_copy(const content *source, content *target) {
  content_resize(target, 0);
  if (source->size > 0) content_write(target, source->bytes, source->size, 0);
}

/* ---- Files */

void inode_retain(inode *node) { node->references++; }

void inode_release(inode *node) {
  if (--node->references > 0) return;
  inode_forget_pending(node);
  for (int region = 0; region < shm_regions_max; region++) {
    free(node->old_regions[region]);
    free(node->regions[region]);
  }
  free(node->pending);
  free(node->cache.bytes);
  free(node->durable.bytes);
  free(node->previous.bytes);
  free(node);
}

static void inode_remember(inode *node, const uint8_t *bytes, int64_t length, int64_t offset) {
  if (node->pending_count == node->pending_capacity) {
    node->pending_capacity = node->pending_capacity == 0 ? 16 : 2 * node->pending_capacity;
    node->pending = grown(node->pending, node->pending_capacity * sizeof *node->pending);
  }
  pending_write *write = &node->pending[node->pending_count++];
  write->offset = offset;
  write->length = length;
  write->bytes = bytes ? memcpy(grown(NULL, (size_t)length), bytes, (size_t)length) : NULL;
}

static int64_t disk_used(const faulty_disk *disk) {
  int64_t used = 0;
  for (size_t index = 0; index < disk->shown.count; index++) used += disk->shown.entries[index].node->cache.size;
  return used;
}

bool inode_write(faulty_disk *disk, inode *node, const void *bytes, int64_t length, int64_t offset) {
  int64_t growth = offset + length - node->cache.size;
  if (growth > 0 && disk->capacity >= 0 && !disk->is_spared && disk_used(disk) + growth > disk->capacity) return false;
  int64_t overwritten = node->cache.size - offset < length ? node->cache.size - offset : length;
  if (overwritten > 0) content_write(&node->previous, node->cache.bytes + offset, overwritten, offset);
  content_write(&node->cache, bytes, length, offset);
  inode_remember(node, bytes, length, offset);
  return true;
}

bool inode_truncate(inode *node, int64_t size) {
  if (size < 0) return false;
  content_resize(&node->cache, size);
  inode_remember(node, NULL, 0, size);
  return true;
}

void inode_sync(inode *node) {
  for (size_t index = 0; index < node->pending_count; index++) {
    pending_write *write = &node->pending[index];
    if (write->bytes) {
      content_write(&node->durable, write->bytes, write->length, write->offset);
    } else {
      content_resize(&node->durable, write->offset);
    }
  }
  inode_forget_pending(node);
  node->was_lied_about = false;
}

void inode_fail_sync(faulty_disk *disk, inode *node) {
  if (node->was_lied_about && node->pending_count > 0) node->is_lie_forgotten = true;
  inode_forget_pending(node);
  if (disk_random(disk, 2) == 0) return;
  content_copy(&node->durable, &node->cache);
  if (node->is_lie_forgotten) disk->counts.lies_lost++;
}

void inode_forget_pending(inode *node) {
  for (size_t index = 0; index < node->pending_count; index++) free(node->pending[index].bytes);
  node->pending_count = 0;
}

/* Keeps nothing, everything, or some of the pending sectors, whatever became of those before. */
static void inode_lose_power(faulty_disk *disk, inode *node) {
  uint64_t odds = disk_random(disk, 5);
  bool has_lost = false;
  for (size_t index = 0; index < node->pending_count; index++) {
    pending_write *write = &node->pending[index];
    if (!write->bytes) {
      if (disk_random(disk, 4) < odds) {
        content_resize(&node->durable, write->offset);
      } else {
        has_lost = true;
      }
      continue;
    }
    uint64_t kept = 0;
    uint64_t dropped = 0;
    for (int64_t done = 0; done < write->length;) {
      int64_t length = sector_bytes - (write->offset + done) % sector_bytes;
      if (length > write->length - done) length = write->length - done;
      if (disk_random(disk, 4) < odds) {
        content_write(&node->durable, write->bytes + done, length, write->offset + done);
        kept++;
      } else {
        dropped++;
      }
      done += length;
    }
    disk->counts.kept += kept;
    disk->counts.dropped += dropped;
    if (kept > 0 && dropped > 0) disk->counts.torn++;
    if (dropped > 0) has_lost = true;
  }
  // What a failed sync had forgotten stays lost, whatever later ones say.
  if (node->is_lie_forgotten || (has_lost && node->was_lied_about)) disk->counts.lies_lost++;
  inode_forget_pending(node);
  content_copy(&node->durable, &node->cache);
}

static void inode_end_process(inode *node) {
  node->shared = 0;
  node->reserved = node->exclusive = NULL;
  for (int region = 0; region < shm_regions_max; region++) {
    free(node->old_regions[region]);
    node->old_regions[region] = node->regions[region];
    node->regions[region] = NULL;
  }
  memset(node->shm_shared, 0, sizeof node->shm_shared);
  memset(node->shm_exclusive, 0, sizeof node->shm_exclusive);
}

/* ---- Names */

static entry *directory_find(const directory *directory, const char *name) {
  for (size_t index = 0; index < directory->count; index++) {
    if (strcmp(directory->entries[index].name, name) == 0) return &directory->entries[index];
  }
  return NULL;
}

static void directory_add(directory *directory, const char *name, inode *node) {
  directory->entries = grown(directory->entries, (directory->count + 1) * sizeof(entry));
  directory->entries[directory->count++] = (entry){copied(name), node};
  inode_retain(node);
}

static void directory_remove(directory *directory, entry *found) {
  free(found->name);
  inode_release(found->node);
  memmove(found, found + 1, (size_t)(directory->entries + --directory->count - found) * sizeof(entry));
}

static void directory_clear(directory *directory) {
  while (directory->count > 0) directory_remove(directory, &directory->entries[directory->count - 1]);
}

static void directory_copy(const directory *source, directory *target) {
  directory_clear(target);
  for (size_t index = 0; index < source->count; index++) {
    directory_add(target, source->entries[index].name, source->entries[index].node);
  }
}

inode *disk_find(const faulty_disk *disk, const char *name) {
  entry *found = directory_find(&disk->shown, name);
  return found ? found->node : NULL;
}

inode *disk_make(faulty_disk *disk, const char *name) {
  inode *node = grown(NULL, sizeof *node);
  memset(node, 0, sizeof *node);
  directory_add(&disk->shown, name, node);
  return node;
}

void disk_unlink(faulty_disk *disk, const char *name, bool is_certain) {
  entry *found = directory_find(&disk->shown, name);
  if (found) directory_remove(&disk->shown, found);
  entry *durable = is_certain ? directory_find(&disk->durable, name) : NULL;
  if (durable) directory_remove(&disk->durable, durable);
}

void disk_sync_entry(faulty_disk *disk, const inode *node) {
  for (size_t index = 0; index < disk->shown.count; index++) {
    entry *shown = &disk->shown.entries[index];
    if (shown->node != node) continue;
    entry *durable = directory_find(&disk->durable, shown->name);
    if (durable && durable->node == node) return;
    if (durable) directory_remove(&disk->durable, durable);
    directory_add(&disk->durable, shown->name, shown->node);
    return;
  }
}

/* Each name that is not certain is kept as it shows, or set back, by a toss. */
static void directory_lose_power(faulty_disk *disk) {
  directory result = {0};
  for (size_t index = 0; index < disk->shown.count; index++) {
    entry *shown = &disk->shown.entries[index];
    entry *durable = directory_find(&disk->durable, shown->name);
    bool is_certain = durable && durable->node == shown->node;
    if (is_certain || disk_random(disk, 2) == 0) {
      directory_add(&result, shown->name, shown->node);
    } else {
      disk->counts.entries_lost++;
      if (shown->node->was_lied_about) disk->counts.lies_lost++;
      if (durable) directory_add(&result, durable->name, durable->node);
    }
  }
  for (size_t index = 0; index < disk->durable.count; index++) {
    entry *durable = &disk->durable.entries[index];
    if (directory_find(&disk->shown, durable->name) || disk_random(disk, 2) == 0) continue;
    disk->counts.entries_lost++;
    directory_add(&result, durable->name, durable->node);
  }
  directory_copy(&result, &disk->shown);
  directory_copy(&result, &disk->durable);
  directory_clear(&result);
  free(result.entries);
}

/* ---- Faults */

/* SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014). */
static uint64_t disk_next(faulty_disk *disk) {
  uint64_t z = (disk->random += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

uint64_t disk_random(faulty_disk *disk, uint64_t bound) { return (disk_next(disk) >> 16) % bound; }

bool disk_strikes(faulty_disk *disk, uint32_t rate) {
  return rate > 0 && !disk->is_spared && disk_random(disk, 1000000) < rate;
}

bool disk_call_crashes(faulty_disk *disk) {
  if (disk->has_crashed) return true;
  if (disk->is_spared) return false;
  disk->counts.calls++;
  if (disk->crash_after < 0) return false;
  if (disk->crash_after-- > 0) return false;
  disk->has_crashed = true;
  disk->counts.crashes++;
  return true;
}

/* ---- Disks */

faulty_disk *disk_numbered(uint32_t number) { return number < disks_max ? disks[number] : NULL; }

faulty_disk *faulty_disk_create(uint32_t number, uint64_t seed) {
  if (number >= disks_max) return NULL;
  faulty_disk *disk = grown(NULL, sizeof *disk);
  memset(disk, 0, sizeof *disk);
  disk->number = number;
  disk->random = seed;
  disk->capacity = disk->crash_after = -1;
  disk->life = ++lives;
  disks[number] = disk;
  return disk;
}

void faulty_disk_destroy(faulty_disk *disk) {
  directory_clear(&disk->shown);
  directory_clear(&disk->durable);
  free(disk->shown.entries);
  free(disk->durable.entries);
  if (disks[disk->number] == disk) disks[disk->number] = NULL;
  free(disk);
}

void faulty_disk_set_rates(faulty_disk *disk, faulty_rates rates) { disk->rates = rates; }

void faulty_disk_set_capacity(faulty_disk *disk, int64_t bytes) { disk->capacity = bytes; }

void faulty_disk_set_spared(faulty_disk *disk, bool is_spared) { disk->is_spared = is_spared; }

void faulty_disk_crash_after(faulty_disk *disk, int64_t calls) { disk->crash_after = calls; }

bool faulty_disk_has_crashed(const faulty_disk *disk) { return disk->has_crashed; }

void faulty_disk_end_process(faulty_disk *disk) {
  for (size_t index = 0; index < disk->shown.count; index++) inode_end_process(disk->shown.entries[index].node);
  disk->has_crashed = false;
  disk->crash_after = -1;
  disk->life = ++lives;
}

void faulty_disk_lose_power(faulty_disk *disk) {
  faulty_disk_end_process(disk);
  directory all = {0};
  directory_copy(&disk->shown, &all);
  for (size_t index = 0; index < disk->durable.count; index++) {
    entry *durable = &disk->durable.entries[index];
    entry *shown = directory_find(&all, durable->name);
    if (!shown || shown->node != durable->node) directory_add(&all, durable->name, durable->node);
  }
  for (size_t index = 0; index < all.count; index++) inode_lose_power(disk, all.entries[index].node);
  directory_lose_power(disk);
  for (size_t index = 0; index < all.count; index++) all.entries[index].node->was_lied_about = false;
  for (size_t index = 0; index < all.count; index++) all.entries[index].node->is_lie_forgotten = false;
  directory_clear(&all);
  free(all.entries);
}

void faulty_disk_settle(faulty_disk *disk) {
  for (size_t index = 0; index < disk->shown.count; index++) inode_sync(disk->shown.entries[index].node);
  directory_copy(&disk->shown, &disk->durable);
}

void faulty_disk_copy(const faulty_disk *source, faulty_disk *target) {
  directory_clear(&target->shown);
  for (size_t index = 0; index < source->shown.count; index++) {
    inode *copy = disk_make(target, source->shown.entries[index].name);
    content_copy(&source->shown.entries[index].node->cache, &copy->cache);
    content_copy(&copy->cache, &copy->durable);
  }
  directory_copy(&target->shown, &target->durable);
}

void faulty_disk_clear(faulty_disk *disk) {
  faulty_disk_end_process(disk);
  directory_clear(&disk->shown);
  directory_clear(&disk->durable);
}

bool faulty_disk_copy_file(faulty_disk *disk, const char *name, const char *new_name) {
  inode *node = disk_find(disk, name);
  if (!node) return false;
  disk_unlink(disk, new_name, true);
  inode *copy = disk_make(disk, new_name);
  content_copy(&node->cache, &copy->cache);
  content_copy(&node->cache, &copy->durable);
  disk_sync_entry(disk, copy);
  return true;
}

bool faulty_disk_remove(faulty_disk *disk, const char *name) {
  if (!disk_find(disk, name)) return false;
  disk_unlink(disk, name, true);
  return true;
}

bool faulty_disk_rot(faulty_disk *disk, const char *name, int64_t offset, int64_t length) {
  inode *node = disk_find(disk, name);
  if (!node || offset < 0 || length <= 0 || offset >= node->cache.size) return false;
  if (length > node->cache.size - offset) length = node->cache.size - offset;
  uint64_t bit = (uint64_t)offset * 8 + disk_random(disk, (uint64_t)length * 8);
  node->cache.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
  if ((int64_t)(bit / 8) < node->durable.size) node->durable.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
  return true;
}

static bool content_holds(const content *content, const uint8_t *bytes, int64_t length) {
  const uint8_t *next = content->bytes;
  const uint8_t *end = next + content->size;
  while (next && end - next >= length) {
    next = memchr(next, bytes[0], (size_t)(end - next - length + 1));
    if (!next) return false;
    if (memcmp(next, bytes, (size_t)length) == 0) return true;
    next++;
  }
  return false;
}

bool faulty_disk_holds(const faulty_disk *disk, const char *name, const uint8_t *bytes, int64_t length,
                       bool durably) {
  inode *node = disk_find(disk, name);
  if (!node || length <= 0) return false;
  return content_holds(&node->cache, bytes, length) || (durably && content_holds(&node->durable, bytes, length));
}

int64_t faulty_disk_used(const faulty_disk *disk) { return disk_used(disk); }

int64_t faulty_disk_size(const faulty_disk *disk, const char *name) {
  inode *node = disk_find(disk, name);
  return node ? node->cache.size : -1;
}

int64_t faulty_disk_read(const faulty_disk *disk, const char *name, uint8_t *bytes, int64_t length) {
  inode *node = disk_find(disk, name);
  if (!node) return -1;
  if (length > node->cache.size) length = node->cache.size;
  if (length > 0) memcpy(bytes, node->cache.bytes, (size_t)length);
  return length > 0 ? length : 0;
}

faulty_counts faulty_disk_counts(const faulty_disk *disk) { return disk->counts; }
