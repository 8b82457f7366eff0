public import AnabranchCore
internal import AnabranchWire
internal import GRDB

extension Store {
  /// Makes `drafts` one sealed change of this replica's log, durable when this returns.
  ///
  /// `wall` is the wall clock's reading in milliseconds since 1970; `action` is the action the change belongs to if it is
  /// not the first of its action; by default that of what was written before in the same transaction. An open change is sealed first. Returns the operations' names, in order.
  /// Throws ``StoreError``, and then nothing was written: ``StoreError/Code/limit`` where a peer would refuse the
  /// change, ``StoreError/Code/notFound`` where an operation refers to one that is not held, and
  /// ``StoreError/Code/denied`` where the device may not do that.
  @discardableResult
  public func write(
    _ drafts: [Draft], wall: Int64, continuing action: UInt32? = nil
  ) throws(StoreError) -> [OperationID] {
    try transaction { db, state in
      _ = try seal(db, &state, wall: wall)
      let context = try state.nextContext()
      let action = action ?? self.action ?? context.id.sequence
      self.action = action
      var open = OpenChange(id: context.id, time: state.clock.tick(wall: wall), wall: wall, action: action)
      let indices = try drafts.map { draft in
        try state.check(draft, in: open)
        return open.append(draft)
      }
      let sealed = SealedChange(
        sealing: open, context: context, dependencies: try state.dependencies(of: open, by: signer, in: db))
      try Self.check(sealed, of: open)
      try apply([state.named(sealed, in: db)], wall: wall, db, &state)
      return indices.map { OperationID(log: context.id.log, sequence: context.id.sequence, index: $0) }
    }
  }

  /// Refuses where this device may not attach files: before their bytes are taken in, which may be some that were purged.
  /// Throws ``StoreError/Code/denied``.
  public func checkMayAttach() throws(StoreError) {
    try state.checkRole(
      allows: Draft(kind: .addElement, target: nil, mutation: .addElement(AddElement(set: .attachments))))
  }

  /// The sequence that the next change of this replica's log will have, an open one counted as sealed.
  public var nextSequence: UInt32? {
    guard let own = state.own, let head = state[own]?.head, head.sequence < .max else { return nil }
    return head.sequence + 1
  }

  /// Refuses a change that could not be read again: it would stand in the log for good, and no peer would take it
  /// or anything after it.
  static func check(_ sealed: SealedChange, of open: OpenChange) throws(StoreError) {
    func require(_ what: String, _ count: Int, atMost max: Int, atLeast min: Int = 0) throws(StoreError) {
      guard min <= count, count <= max else {
        throw StoreError(
          .limit, "expected \(min) to \(max) \(what) in one change, got \(count)",
          remedy: "write less in one step")
      }
    }
    try require("bytes", sealed.bytes.count, atMost: Limits.changeBytesMax)
    try require("operations", open.drafts.count, atMost: Limits.operationsMax, atLeast: 1)
    try require("identifiers", Int(open.nextIndex), atMost: Int(Limits.identifiersMax))
    for index in open.drafts.indices {
      try check(open.drafts[index], isReadAsUnknown: sealed.change.operations[index].mutation.isUnknown)
    }
  }

  /// Refuses a draft that could not be read again, or whose structure reads as nothing that is known instead of what it means.
  static func check(_ draft: Draft, isReadAsUnknown: Bool) throws(StoreError) {
    let bytes = draft.content.bytes?.count ?? 0
    guard bytes <= Limits.contentBytesMax else {
      throw StoreError(
        .limit, "expected a content of at most \(Limits.contentBytesMax) bytes, got \(bytes)",
        remedy: "cut it into chunks")
    }
    guard !isReadAsUnknown || draft.mutation.isUnknown else {
      throw StoreError(
        .limit,
        "expected an operation that can be read again, with at most \(Limits.referencesMax) references",
        remedy: "refer to less in one step")
    }
  }
}

extension LogState {
  /// Refuses a draft for `open` that refers to what is not held, since its author cannot have seen it; and one that the
  /// device's role does not allow.
  func check(_ draft: Draft, in open: OpenChange) throws(StoreError) {
    try checkRole(allows: draft)
    try checkReferences(of: draft, in: open)
  }

  func checkReferences(of draft: Draft, in open: OpenChange) throws(StoreError) {
    var missing: OperationID?
    draft.forEachReference { if missing == nil, !canRefer(to: $0, in: open) { missing = $0 } }
    guard let missing else { return }
    throw StoreError(
      .notFound,
      "expected a reference to an operation held here, got operation \(missing.index) of change "
        + "\(missing.sequence) of log \(missing.log)")
  }

  /// A device that the space has not heard of may write for itself: it may be let in again, or found one of its own. One that was
  /// removed may not, since it would show nowhere. What the recovery key vouches for is not the device's word.
  fileprivate func checkRole(allows draft: Draft) throws(StoreError) {
    guard !draft.mutation.bearsRecoveryWord, membership.space != nil,
      let device = own.flatMap({ self.device(of: $0) })
    else { return }
    let role = membership.roster.role(of: device)
    let isOwnName = draft.target == .device(device)
    guard role != .owner, !role.allows(draft.mutation, isOwnName: isOwnName) else { return }
    guard role == .outsider else {
      throw StoreError(
        .denied,
        "this device may only \(role == .reader ? "read" : "read and write"), and \(draft.mutation.purpose) takes more",
        remedy: "do it on an owner's device; `anabranch devices` says which are")
    }
    if case .receipt = draft.mutation { return }
    guard let member = membership.roster.members.first(where: { $0.device == device }), !isOwnName else { return }
    throw StoreError(
      .denied,
      member.restrictions.isEmpty
        ? "this device was let in by one that was removed before that was known, so what it writes shows nowhere"
        : "this device was removed from the history, so what it writes shows nowhere",
      remedy: member.restrictions.isEmpty
        ? "let it in anew: `anabranch pair` on an owner's device, `anabranch join` on this one"
        : "make a new replica on it (`anabranch init` with another --home) and let that one in")
  }

  /// Where the next change of the own log goes.
  func nextContext() throws(StoreError) -> SealedChange.Context {
    guard let own, let head = self[own]?.head else {
      throw StoreError(.notFound, "this database has no log of its own yet", remedy: "run `anabranch init`")
    }
    guard let context = SealedChange.Context(after: head, in: own) else {
      throw StoreError(.limit, "log \(own) is full at \(head.sequence) changes", remedy: "open another log")
    }
    return context
  }
}

extension Mutation {
  /// Whether it goes into the log in the name of the recovery key.
  fileprivate var bearsRecoveryWord: Bool {
    switch self {
    case .enrol(let enrol): enrol.recovery != nil
    case .restrict(let restrict): restrict.recovery != nil
    default: false
    }
  }
}
