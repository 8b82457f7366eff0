package import AnabranchCore
internal import AnabranchNoise
package import AnabranchStore
internal import AnabranchSync

/// One device's copy of the whole history: read it, write it, watch it, sync it. Works offline for as long as it
/// likes.
///
/// All work is done one piece after the other on a queue of its own. A method that throws has changed nothing a
/// reader could see; of an import, pieces may be left that are used when it is tried again.
/// One process at a time writes a home; any number may read it.
public actor Replica {
  /// The folder it lies in.
  public nonisolated let home: Home
  let surroundings: Surroundings
  /// Whether it is a database file that somebody handed over, into whose folder nothing is written.
  let isHandedOver: Bool
  /// Why its database could not be read, where it turned out to be damaged; see ``readRemains(at:surroundings:progress:)``.
  public private(set) var fault: AnabranchError?
  private nonisolated let executor: any SerialExecutor
  private var holding: Holding?
  let observers = Observers<ReplicaChange>(bufferMax: 1_024)
  /// Those who watch what others are writing; only what is so now matters.
  let wordsObservers = Observers<[LiveText]>(bufferMax: 1)
  /// What other devices are writing right now.
  var board = WordsBoard()
  /// When some of that has been silent for too long.
  var wordsDeadline: Duration?
  /// Counts how often this device told what it is writing.
  var wordsTold: UInt64 = 0
  /// The connections to other replicas, by number.
  var links: [Int: Link] = [:]
  var nextLink = 0
  /// What went over those that have ended.
  var traffic = Traffic()
  /// How those ended, and what is dialled.
  var memory = ConnectionMemory()
  /// Whether the database turned out, when it was opened, to be a copy of the one that this device wrote last, or an older state
  /// of it: it goes on in a log of its own.
  public internal(set) var isCopy = false
  /// Where it stands which database this device wrote last.
  let originKeeper: any OriginKeeper
  /// When the database was marked last as the one that this device writes.
  var originMarked: Duration?
  /// A mark that is older than that is given anew when the replica is closed: a copy may have been made meanwhile.
  static let originAge = Duration.seconds(60)
  /// What this device proves itself with on a connection, once one was made.
  var ownChannelKeys: ChannelKeys?
  /// The invitation that is open.
  var invitation: OpenInvitation?
  /// Where others reach a running server.
  var listening: [String] = []
  /// Where a running server's events go.
  var serverEvents: AsyncStream<SyncEvent>.Continuation?
  /// Writes down what crosses a running server's connections.
  var serverRecorder: SessionRecorder?
  /// Those who look at what crosses connections.
  let wireFeed = WireFeed(queueMax: 1_024)
  /// What is done about devices that are found on a running server's networks.
  var discovery: Discovery?
  /// When the open change has rested long enough to be sealed.
  var restDeadline: Duration?
  /// When this device signs what it writes.
  var signing = SigningPace()
  /// The open change, and since when it is open.
  var opened: (change: ChangeID, since: Duration)?
  /// The conversations that changed in ``atomically(_:)``; nil outside of it.
  var gathered: Set<ObjectID>?
  /// The blobs that came meanwhile, told of with them.
  var gatheredBlobs: Set<BlobID> = []
  /// The message, or the conversation, whose text was changed last.
  var edited: ObjectID?
  let alarm: any Alarm

  /// What an open replica has in its hands.
  struct Holding {
    let store: Store
    let lock: WriterLock?
    let key: DeviceKey?

    init(store: Store, lock: WriterLock?, key: DeviceKey?) {
      self.store = store
      self.lock = lock
      self.key = key
      store.signer = key?.logSigner
    }
  }

  /// The queue that does the work.
  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  /// A replica in `home`; one that holds nothing yet is given a store by ``hold(_:)``.
  init(
    home: Home, surroundings: Surroundings, executor: any SerialExecutor = ReplicaExecutor(),
    alarm: any Alarm = TaskAlarm(), originKeeper: (any OriginKeeper)? = nil, holding: sending Holding? = nil,
    isHandedOver: Bool = false
  ) {
    self.home = home
    self.isHandedOver = isHandedOver
    self.originKeeper = originKeeper ?? OriginFile(home: home)
    self.surroundings = surroundings
    self.executor = executor
    self.alarm = alarm
    self.holding = holding
  }

  /// A replica over a store that is open for writing, on a host that has its own notion of files, threads and time.
  ///
  /// `deviceSeed` is the private half of the device's key. ``goOn()`` comes next, before anything is written.
  package init(
    store: sending Store, deviceSeed: Digest, originKeeper: any OriginKeeper, surroundings: Surroundings,
    executor: any SerialExecutor, alarm: any Alarm
  ) throws(AnabranchError) {
    let key = try DeviceKey(seed: deviceSeed)
    self.init(
      home: Home(store.path), surroundings: surroundings, executor: executor, alarm: alarm, originKeeper: originKeeper,
      holding: Holding(store: store, lock: nil, key: key))
  }

  /// Takes over an open store, with what else it needs to write.
  func hold(_ holding: Holding) {
    self.holding = holding
  }

  /// Ends every session, closes the files and gives up the lock. Everything written is durable already. Using the
  /// replica afterwards throws.
  public func close() throws(AnabranchError) {
    guard let holding else { return }
    guard gathered == nil else {
      throw AnabranchError(.invalid, "a replica cannot be closed while it writes", remedy: "close it afterwards")
    }
    // Of a copy that was made while this was open, too, it is to be seen that it is one.
    if let since = originMarked, surroundings.uptime() - since > Self.originAge { try? markOrigin() }
    restDeadline = nil
    serverEvents?.finish()
    takeBackInvitation()
    discovery = nil
    endLinks()
    // Whoever opens it next, with the key, can sign it as well.
    try? holding.store.sign()
    signing = SigningPace()
    self.holding = nil
    rearm()
    observers.finish()
    wordsObservers.finish()
    wireFeed.finish()
    board = WordsBoard()
    wordsDeadline = nil
    try attempt { () throws(StoreError) in try holding.store.close() }
  }

  /// The store, for what neither fails nor writes.
  func openStore() throws(AnabranchError) -> Store {
    guard let holding else {
      throw AnabranchError(.invalid, "this replica was closed", remedy: "open it again")
    }
    return holding.store
  }

  /// The store, for one step of work.
  func withStore<Result>(_ body: (Store) throws(StoreError) -> Result) throws(AnabranchError) -> Result {
    let store = try openStore()
    // What is a step of something is looked at when all of that is done.
    guard holding?.key != nil, gathered == nil else { return try attempt { () throws(StoreError) in try body(store) } }
    let (signed, now) = (store.ownSigned, surroundings.uptime())
    store.signsAtOnce = signing.isAtOnce(now: now)
    // Also where it throws: a step of it may have been committed.
    defer {
      let (hasSigned, isUnsigned) = (store.ownSigned != signed, store.hasUnsigned)
      if signing.notice(hasSigned: hasSigned, isUnsigned: isUnsigned, now: now) { rearm() }
    }
    return try attempt { () throws(StoreError) in try body(store) }
  }

  /// Signs what this device wrote while it had no time to. Where that fails, as on a full disk, it is tried again after the store is
  /// used the next time, and not by itself.
  func signAfterwards() {
    signing.ring()
    try? holding?.store.sign()
  }

  /// The device's key. Only who writes has it.
  func deviceKey() throws(AnabranchError) -> DeviceKey {
    guard let key = holding?.key else {
      throw AnabranchError(.invalid, "this replica was opened for reading only", remedy: "open it for writing")
    }
    return key
  }

  /// Runs `body` and gives its error in this library's terms.
  func attempt<Result>(_ body: () throws(StoreError) -> Result) throws(AnabranchError) -> Result {
    do {
      return try body()
    } catch {
      let failure = AnabranchError(error)
      if failure.code == .damaged || failure.code == .format { fault = failure }
      throw failure
    }
  }
}
