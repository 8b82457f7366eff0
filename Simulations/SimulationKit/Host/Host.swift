internal import Anabranch
internal import AnabranchCore
internal import AnabranchStore
internal import AnabranchSync
internal import SeededRandom

/// A machine with a disk and a clock, on which a replica runs, or not.
final class Host {
  /// A program that runs: a replica over a store, and the number of its life.
  struct Process {
    let replica: Replica
    let store: Store
    let life: Int
    let bell: Bell
  }

  /// What a backup holds.
  struct Backup {
    let vector: VersionVector
    /// The texts of messages that were written here, as people were told.
    let texts: [ObjectID: Set<String>]
  }

  /// What a machine was at some moment, all of it.
  struct Snapshot {
    let disk: Disk
    let era: Int
    let backup: Backup?
    let committed: VersionVector
    let ownLog: LogID?
    let note: OriginNote
    /// The texts of messages that were written here, as people were told.
    let texts: [ObjectID: Set<String>]
  }

  let number: Int
  let disk: Disk
  /// What lies beside the database.
  var note: OriginNote
  /// As a trace has it.
  var name: String
  var clock = HostClock()
  /// Counts processes.
  private(set) var lives = 0
  private(set) var process: Process?
  /// Whether the crash that is planned for its disk is a failure of the power.
  var losesPower = false
  /// Whether text was not sealed yet when its process ended.
  var hadOpenText = false
  /// Whether the power is gone.
  var isOff = false
  /// How many faults keep it asleep.
  var sleeps = 0
  /// Whether it sleeps because nobody uses it.
  var isDozing = false
  /// When somebody last used it, or it last woke.
  var lastUse = VirtualTime.zero
  /// Whether somebody looks whether it is still used.
  var watchesUse = false
  /// What it would have done, had it not been asleep.
  var missed: [Event] = []
  /// Counts how often it dialled in vain, and how often it dozed off.
  var dials = 0
  var dozes = 0
  /// Counts the devices that this was: a machine that is replaced, or restored, is another one.
  private(set) var era = 0
  /// The first program since the machine was replaced, restored or set back.
  private(set) var firstLife = 1
  /// Whether a history was imported here.
  var hasImported = false
  /// What the person here types in, if they do.
  var typing: Typing?
  /// Where it dials, and how often that failed of late.
  var peers: [Int] = []
  var backoffs: [Int: Backoff] = [:]
  /// What it had durably when its last call returned.
  var committed = VersionVector()
  /// The same by hashes, and what they amount to, where one log may be written twice.
  var hashes: Set<Digest> = []
  var logHash: Digest?
  /// A log under whose numbers it must not go on, and can tell.
  private(set) var closedLog: LogID?
  /// What others have heard that it has durably.
  var promised = VersionVector()
  /// What its programs ever wrote of their own, durably or not: somebody may have it, or still get it.
  private(set) var written = VersionVector()
  /// The logs that some session left out, because the two sides hold different changes under the same numbers.
  var excluded: Set<LogID> = []
  /// The programs during whose life the disk altered what it holds, so that nothing is expected of them.
  private(set) var suspectLives: Set<Int> = []
  /// Whether the disk may have altered what it holds, and nobody has looked yet.
  var isSuspect = false {
    didSet { if isSuspect { suspectLives.insert(lives) } }
  }
  /// Whether its disk may have lost something that it had said was durable, which a look cannot show, and nobody has looked
  /// yet.
  var wasLiedTo = false
  /// How often that has happened.
  var liesKnown: UInt64 = 0
  /// What it may be set back to.
  private(set) var snapshot: Snapshot?
  /// What the backup holds; nil if there is none.
  var backup: Backup?
  private(set) var deviceSeed: Digest
  private let executor = SynchronousExecutor()
  private let salts: Salts
  private let scheduler: Scheduler

  static let database = "history.sqlite"
  static let backupFile = "backup"
  /// Where what is salvaged of it is put together.
  static let repairedFile = "repaired.sqlite"

  init(_ number: Int, seed: UInt64, _ scheduler: Scheduler) {
    self.number = number
    name = "host \(number)"
    note = OriginNote(place: name)
    self.scheduler = scheduler
    var random = RandomStream(seed: seed, "host", number)
    deviceSeed = random.digest()
    disk = Disk(number, seed: random.next())
    salts = Salts(RandomStream(seed: seed, "salts", number))
  }

  var isAwake: Bool { sleeps == 0 && !isDozing }

  /// What its wall clock shows.
  var wall: Int64 { clock.reading(at: scheduler.now) }

  /// Starts the program. Throws where the database cannot be opened; the machine is as it was.
  func start() throws {
    let store = try Store(at: disk.path(Self.database))
    lives += 1
    let bell = Bell(host: number, life: lives, booted: scheduler.now, scheduler)
    let (booted, salts) = (scheduler.now, salts)
    nonisolated(unsafe) let host = self
    let surroundings = Surroundings(
      wall: { host.wall }, random: { salts.next() }, uptime: { (host.scheduler.now - booted).duration })
    nonisolated(unsafe) let handed = store
    let replica = try Replica(
      store: handed, deviceSeed: deviceSeed, originKeeper: HostOriginKeeper(host: self), surroundings: surroundings,
      executor: executor, alarm: bell)
    if try store.name().isEmpty { try store.setName(name) }
    try replica.assumeIsolated { try $0.goOn() }
    process = Process(replica: replica, store: store, life: lives, bell: bell)
  }

  /// Remembers what it is now.
  func takeSnapshot(texts: [ObjectID: Set<String>]) {
    // There is one disk of a number.
    snapshot = nil
    let copy = Disk(Self.snapshotDisks + number, seed: salts.next())
    copy.takeCopy(of: disk)
    snapshot = Snapshot(
      disk: copy, era: era, backup: backup, committed: committed, ownLog: process?.store.ownLog, note: note,
      texts: texts)
  }

  /// Holds what it held; where all of it is set back that is what it was, for all it knows, and else the note beside the database
  /// tells. Nothing may run here.
  func becomeSnapshot(_ snapshot: Snapshot, isWhole: Bool) {
    disk.takeCopy(of: snapshot.disk)
    (backup, committed) = (snapshot.backup, snapshot.committed)
    forgetWhatIsHeld()
    if isWhole { note = snapshot.note } else { closedLog = snapshot.ownLog }
    self.snapshot = nil
  }

  /// Goes on with what a disk has left of a database that it said was durable; not in `closedLog`, if it can tell.
  func goOn(holding vector: VersionVector, closedLog: LogID?) {
    committed = vector
    forgetWhatIsHeld()
    self.closedLog = closedLog
  }

  /// The power fails.
  func losePower() {
    disk.losePower()
    var random = RandomStream(seed: salts.next(), "power")
    note.losePower(&random)
    isOff = true
  }

  /// The system makes durable what waits to be.
  func writeBack() {
    disk.writeBack()
    note.writeBack()
  }

  /// Nothing is known of what it has durably.
  private func forgetWhatIsHeld() {
    firstLife = lives + 1
    (hashes, logHash, closedLog) = ([], nil, nil)
    promised = VersionVector()
    written = VersionVector()
  }

  /// Disks that no machine reads from begin with that number.
  private static let snapshotDisks = 3_000

  /// Takes note of how far its program has written.
  func noteWritten() {
    guard let store = process?.store, let own = store.ownLog else { return }
    written[own] = max(written[own], store.vector[own])
  }

  /// A new machine in its place: an empty disk, another key.
  func becomeNew() {
    era += 1
    var random = RandomStream(seed: salts.next())
    deviceSeed = random.digest()
    disk.clear()
    note = OriginNote(place: "\(name), era \(era)")
    committed = VersionVector()
    forgetWhatIsHeld()
    backup = nil
    isSuspect = false
    wasLiedTo = false
  }

  /// Holds what its backup holds; the key, which is in no backup, was saved in another way, or it is another one.
  /// Nothing may run here.
  func becomeBackup(_ backup: Backup) {
    era += 1
    for suffix in ["", "-wal", "-shm", "-journal"] { disk.removeFile(Self.database + suffix) }
    disk.copyFile(Self.backupFile, to: Self.database)
    note = OriginNote(place: "\(name), era \(era)")
    var random = RandomStream(seed: salts.next())
    if random.chance(1, in: 2) { deviceSeed = random.digest() }
    committed = backup.vector
    forgetWhatIsHeld()
  }

  /// Holds what was salvaged of its own database. Nothing may run here.
  func becomeRepaired() {
    for suffix in ["", "-wal", "-shm", "-journal"] { disk.removeFile(Self.database + suffix) }
    disk.copyFile(Self.repairedFile, to: Self.database)
  }

  /// Holds what `other` holds, its key included: a machine that was cloned. Nothing may run here.
  func becomeClone(of other: Host) {
    disk.takeCopy(of: other.disk)
    (deviceSeed, note) = (other.deviceSeed, other.note)
    committed = other.committed
    (hashes, logHash) = (other.hashes, other.logHash)
  }

  /// The process is gone, without a word.
  func end() {
    process = nil
  }
}
