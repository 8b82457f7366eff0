import FaultyVFS
import GRDB
import Testing

/// What the simulated disk does to SQLite is what real disks were measured to do.
@Suite("The simulated disk", .serialized)
struct DiskTests {
  /// Writes ten rows, one transaction each; the power fails in the midst of some access. Returns how many commits
  /// returned, and how many rows are there afterwards; nil rows for a file that is no database any more.
  private func lives(_ seed: UInt64, synchronous: String, rates: faulty_rates = faulty_rates()) throws -> (Int, Int?) {
    #expect(faulty_vfs_register() == 0)
    faulty_vfs_seed(seed)
    let disk = try #require(faulty_disk_create(3_000, seed))
    var configuration = Configuration()
    configuration.prepareDatabase { db in
      try db.execute(sql: "PRAGMA synchronous = EXTRA; PRAGMA journal_mode = WAL; PRAGMA synchronous = \(synchronous)")
    }
    var commits = 0
    do {
      let queue = try DatabaseQueue(path: "/sim/3000/db", configuration: configuration)
      try queue.write { try $0.execute(sql: "CREATE TABLE t(n INTEGER PRIMARY KEY, text TEXT)") }
      faulty_disk_set_rates(disk, rates)
      faulty_disk_crash_after(disk, Int64(seed % 97) + 20)
      for number in 0..<10 {
        do {
          try queue.write { try $0.execute(sql: "INSERT INTO t VALUES(?, ?)", arguments: [number, "\(seed)"]) }
          commits += 1
        } catch {
          break
        }
      }
      faulty_disk_lose_power(disk)
      try? queue.close()
    }
    let queue = try DatabaseQueue(path: "/sim/3000/db", configuration: configuration)
    let rows = try? queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM t") }
    try? queue.close()
    faulty_disk_destroy(disk)
    return (commits, rows ?? nil)
  }

  @Test("With honest syncs FULL keeps every commit through a power failure, and NORMAL does not")
  func synchronousLevels() throws {
    var (lostFull, lostNormal, cut) = (0, 0, 0)
    for seed in UInt64(1)...120 {
      let full = try lives(seed, synchronous: "FULL")
      if full.0 < 10 { cut += 1 }
      if (full.1 ?? -1) < full.0 { lostFull += 1 }
      let normal = try lives(seed, synchronous: "NORMAL")
      if (normal.1 ?? -1) < normal.0 { lostNormal += 1 }
    }
    #expect(lostFull == 0)
    #expect(lostNormal > 0 && cut > 20)
  }

  @Test("A disk that lies about syncing loses what it acknowledged")
  func lies() throws {
    var rates = faulty_rates()
    rates.sync_lie = 1_000_000
    let lost = try (UInt64(1)...40).count { seed in
      let (commits, rows) = try lives(seed, synchronous: "FULL", rates: rates)
      return (rows ?? -1) < commits
    }
    #expect(lost > 0)
  }

  @Test("Errors reach SQLite, each by its own name")
  func errors() throws {
    let cases: [(WritableKeyPath<faulty_rates, UInt32>, ResultCode)] = [
      (\.write_error, .SQLITE_IOERR_WRITE), (\.sync_error, .SQLITE_IOERR_FSYNC), (\.busy, .SQLITE_BUSY),
      (\.read_error, .SQLITE_IOERR_READ), (\.open_error, .SQLITE_CANTOPEN),
    ]
    for (rate, code) in cases {
      let disk = try #require(faulty_disk_create(3_000, 9))
      let queue = try DatabaseQueue(path: "/sim/3000/db")
      try queue.write { try $0.execute(sql: "CREATE TABLE t(n INTEGER)") }
      var rates = faulty_rates()
      rates[keyPath: rate] = 1_000_000
      faulty_disk_set_rates(disk, rates)
      #expect {
        let other = try DatabaseQueue(path: "/sim/3000/db")
        try other.write { try $0.execute(sql: "INSERT INTO t VALUES(1)") }
      } throws: { error in
        (error as? DatabaseError)?.extendedResultCode == code || (error as? DatabaseError)?.resultCode == code
      }
      faulty_disk_set_rates(disk, faulty_rates())
      try queue.close()
      faulty_disk_destroy(disk)
    }
  }

  @Test("A full disk refuses what does not fit, and takes it once there is room")
  func fullDisk() throws {
    let disk = try #require(faulty_disk_create(3_000, 9))
    let queue = try DatabaseQueue(path: "/sim/3000/db")
    try queue.write { try $0.execute(sql: "CREATE TABLE t(text TEXT)") }
    faulty_disk_set_capacity(disk, 20_000)
    let text = String(repeating: "x", count: 100_000)
    #expect {
      try queue.write { try $0.execute(sql: "INSERT INTO t VALUES(?)", arguments: [text]) }
    } throws: { ($0 as? DatabaseError)?.resultCode == .SQLITE_FULL }
    faulty_disk_set_capacity(disk, -1)
    try queue.write { try $0.execute(sql: "INSERT INTO t VALUES(?)", arguments: [text]) }
    #expect(try queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM t") } == 1)
    try queue.close()
    faulty_disk_destroy(disk)
  }

  @Test("The same seed loses the same")
  func determinism() throws {
    for seed in UInt64(1)...20 {
      let (first, second) = (try lives(seed, synchronous: "NORMAL"), try lives(seed, synchronous: "NORMAL"))
      #expect(first.0 == second.0 && first.1 == second.1)
    }
  }
}
