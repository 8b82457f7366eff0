internal import FaultyVFS

/// One machine's disk. See `FaultyVFS.h` for what is modelled.
final class Disk {
  let number: Int
  private let handle: OpaquePointer

  /// An empty disk in place of the one with that number.
  init(_ number: Int, seed: UInt64) {
    self.number = number
    guard faulty_vfs_register() == 0, let handle = faulty_disk_create(UInt32(number), seed) else {
      preconditionFailure("a simulation has few disks, and SQLite takes its file system")
    }
    self.handle = handle
  }

  deinit {
    faulty_disk_destroy(handle)
  }

  /// The path of a file on it.
  func path(_ name: String) -> String {
    "/sim/\(number)/\(name)"
  }

  /// Whether a read may give something else than what the disk holds.
  private(set) var misreads = false

  /// Makes calls fail as `options` say; never, for nil.
  func setRates(_ options: Options?) {
    misreads = false
    var rates = faulty_rates()
    if let options {
      rates.read_error = UInt32(options[.readErrorPpm])
      rates.write_error = UInt32(options[.writeErrorPpm])
      rates.sync_error = UInt32(options[.syncErrorPpm])
      rates.busy = UInt32(options[.busyPpm])
      rates.sync_lie = UInt32(options[.syncLiePpm])
    }
    faulty_disk_set_rates(handle, rates)
  }

  /// The bytes of a sector, and of a page of the database.
  static let (sectorBytes, pageBytes) = (512, 4_096)

  /// Alters `bits` bits of a file, in one sector of it if one is given, and has one in `calls` reads, if that is given,
  /// give something else than what was written.
  func goBad(_ name: String, bits: Int, sector: Int?, calls: Int?) {
    let offset = Int64(sector.map { $0 * Self.sectorBytes } ?? 0)
    for _ in 0..<bits { _ = faulty_disk_rot(handle, name, offset, sector.map { _ in Int64(Self.sectorBytes) } ?? .max) }
    misreads = calls != nil
    var rates = faulty_rates()
    let ppm = UInt32(calls.map { 1_000_000 / $0 } ?? 0)
    (rates.stale_read, rates.misdirected_read, rates.short_read) = (ppm, ppm, ppm)
    faulty_disk_set_rates(handle, rates)
  }

  /// How often the power took something that was said to be durable.
  var liesLost: UInt64 { faulty_disk_counts(handle).lies_lost }

  /// How often something went wrong that a program is told of.
  var failures: UInt64 {
    let counts = faulty_disk_counts(handle)
    return counts.read_errors + counts.short_reads + counts.write_errors + counts.sync_errors + counts.busies
      + counts.open_errors + counts.full
  }

  /// Makes durable what waits to be, as the system does by itself after a while.
  func writeBack() { faulty_disk_settle(handle) }

  /// Leaves room for that many bytes more than all files take now; without bound for nil.
  func setRoom(_ bytes: Int?) {
    faulty_disk_set_capacity(handle, bytes.map { faulty_disk_used(handle) + Int64($0) } ?? -1)
  }

  /// Has the process crash at some access, after `calls` others.
  func crash(after calls: Int) {
    faulty_disk_crash_after(handle, Int64(calls))
  }

  /// Runs `body`, which looks from outside: nothing goes wrong in it, and it leaves no trace.
  func spared<Result>(_ body: () throws -> Result) rethrows -> Result {
    faulty_disk_set_spared(handle, true)
    defer { faulty_disk_set_spared(handle, false) }
    return try body()
  }

  /// Whether the planned crash has come.
  var hasCrashed: Bool { faulty_disk_has_crashed(handle) }

  /// The process is gone; its writes are in the cache.
  func endProcess() { faulty_disk_end_process(handle) }

  /// The power is gone, and any part of what was not synced.
  func losePower() { faulty_disk_lose_power(handle) }

  /// Bytes of a file; nil where there is none.
  func size(of name: String) -> Int? {
    let size = faulty_disk_size(handle, name)
    return size < 0 ? nil : Int(size)
  }

  /// What a process sees of a file; nil where there is none.
  func bytes(of name: String) -> [UInt8]? {
    guard let size = size(of: name) else { return nil }
    return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      count = max(0, Int(faulty_disk_read(handle, name, buffer.baseAddress, Int64(size))))
    }
  }

  /// Whether `bytes` stand anywhere in a file, as a process sees it, or with `durably` as the power would leave it.
  func holds(_ bytes: [UInt8], in name: String, durably: Bool) -> Bool {
    faulty_disk_holds(handle, name, bytes, Int64(bytes.count), durably)
  }

  /// Copies what a process sees of a file to another name; false where there is none.
  @discardableResult
  func copyFile(_ name: String, to copy: String) -> Bool { faulty_disk_copy_file(handle, name, copy) }

  /// Removes a file, if it is there.
  func removeFile(_ name: String) { _ = faulty_disk_remove(handle, name) }

  /// Holds nothing from now on.
  func clear() { faulty_disk_clear(handle) }

  /// Holds from now on what `other` shows.
  func takeCopy(of other: Disk) { faulty_disk_copy(other.handle, handle) }

  /// How often a process asked for something.
  var calls: UInt64 { faulty_disk_counts(handle).calls }

  /// The rare paths that were taken.
  var marks: Set<Mark> {
    let counts = faulty_disk_counts(handle)
    let hits: [(UInt64, Mark)] = [
      (counts.read_errors, .readError), (counts.write_errors, .writeError), (counts.sync_errors, .syncError),
      (counts.busies, .busy), (counts.full, .diskFull), (counts.dropped, .sectorsDropped), (counts.torn, .writeTorn),
      (counts.sync_lies, .syncLied), (counts.stale_reads, .staleRead), (counts.short_reads, .shortRead),
      (counts.misdirected_reads, .misdirectedRead),
    ]
    return Set(hits.filter { $0.0 > 0 }.map(\.1))
  }

  /// What SQLite takes for the time, in milliseconds since 1970.
  static func setTime(_ milliseconds: Int64) { faulty_vfs_set_time(milliseconds) }

  /// Seeds SQLite's own generator, which all disks share.
  static func seedDatabase(_ seed: UInt64) {
    _ = faulty_vfs_register()
    faulty_vfs_seed(seed)
  }
}
