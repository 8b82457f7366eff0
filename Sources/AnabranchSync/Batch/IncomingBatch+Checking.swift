public import AnabranchCore
internal import AnabranchWire

extension IncomingBatch {
  /// Reads the changes and compares them with what is held now, in the transaction that is to store them.
  ///
  /// `head` tells how far a log is held, nil for not at all; `hash` the hash of a held change, nil for one that is
  /// not held; `isSigned` whether a checkpoint is the word of the author of a log. A change that is held already is compared
  /// and skipped. One that differs from the one held, or
  /// builds on another than the one held, is excluded with all that follows and all that builds on it. Rethrows
  /// the closures' error. O(bytes), a hash a dependency, and a signature a log.
  public func checked<Failure: Error>(
    head: (LogID) throws(Failure) -> LogHead?, hash: (ChangeID) throws(Failure) -> Digest?,
    isSigned: (Checkpoint, LogHeader) -> Bool
  ) throws(Failure) -> CheckedBatch {
    var check = Check(exclusions: exclusions)
    for run in runs {
      for (offset, bytes) in run.changes.enumerated() {
        let id = ChangeID(log: run.log, sequence: run.first &+ UInt32(truncatingIfNeeded: offset))
        if let refusal = try check.take(bytes, id, header: run.header, head: head, hash: hash) {
          return .refused(refusal)
        }
      }
    }
    var checkpoints: [Checkpoint] = []
    for log in check.logs {
      guard let signature = signatures[log.name] else { return .refused("log \(log.name) comes without a signature") }
      let checkpoint = Checkpoint(
        change: ChangeID(log: log.name, sequence: log.head.sequence), hash: log.head.hash, signature: signature)
      guard isSigned(checkpoint, log.header) else {
        return .refused(
          "log \(log.name) is not what its author signed: the signature at change \(log.head.sequence) does not fit it")
      }
      if !check.exclusions.contains(checkpoint.change) { checkpoints.append(checkpoint) }
    }
    return .accepted(check.accepted, checkpoints: checkpoints, excluded: check.excluded)
  }
}

/// A batch on its way through the check.
private struct Check {
  /// A log as the batch has it, whether that is accepted or not.
  struct Log {
    var name: LogID
    var header: LogHeader
    /// The last change of it that was read.
    var head: LogHead
  }

  var exclusions: Exclusions
  private(set) var accepted: [SealedChange] = []
  private(set) var excluded: [Exclusion] = []
  /// The logs met so far.
  private(set) var logs: [Log] = []
  /// Heads of the logs met so far as they are held, the accepted changes included.
  private var heads: [LogID: LogHead] = [:]
  /// Hashes of the accepted changes.
  private var fresh: [ChangeID: Digest] = [:]

  init(exclusions: Exclusions) {
    self.exclusions = exclusions
  }

  /// Takes the next change. Returns why the batch is to be refused, if it is.
  mutating func take<Failure: Error>(
    _ bytes: [UInt8], _ id: ChangeID, header: LogHeader,
    head: (LogID) throws(Failure) -> LogHead?, hash: (ChangeID) throws(Failure) -> Digest?
  ) throws(Failure) -> String? {
    func known(_ change: ChangeID) throws(Failure) -> Digest? {
      if let digest = fresh[change] { return digest }
      return try hash(change)
    }
    let place = logs.firstIndex { $0.name == id.log }
    let before = id.sequence - 1
    var previous = before == 0 ? header.foundingHash : nil
    if let place, logs[place].head.sequence == before { previous = logs[place].head.hash }
    if previous == nil { previous = try known(ChangeID(log: id.log, sequence: before)) }
    guard let previous else {
      return "expected a change of log \(id.log) that follows what is held, got \(id.sequence)"
    }
    let sealed: SealedChange
    do throws(WireError) {
      sealed = try SealedChange(bytes: bytes, context: SealedChange.Context(id: id, previous: previous))
    } catch {
      return "change \(id.sequence) of log \(id.log) cannot be read: \(error.message), at byte \(error.offset)"
    }
    let last = LogHead(sequence: id.sequence, hash: sealed.hash)
    if let place { logs[place].head = last } else { logs.append(Log(name: id.log, header: header, head: last)) }
    // What is left out is read all the same: the signature comes after it.
    if exclusions.contains(id) { return nil }

    let current: LogHead
    if let met = heads[id.log] {
      current = met
    } else {
      current = try head(id.log) ?? LogHead(sequence: 0, hash: header.foundingHash)
      heads[id.log] = current
    }
    guard id.sequence > current.sequence else {
      guard let held = try known(id) else { return "change \(id.sequence) of log \(id.log) is held without a hash" }
      if sealed.hash != held { exclude(Exclusion(first: id, cause: .forked)) }
      return nil
    }
    for dependency in sealed.change.dependencies {
      let found = try known(dependency.change)
      if found?.head == dependency.hash { continue }
      guard found != nil || exclusions.contains(dependency.change) else {
        return "expected change \(dependency.change.sequence) of log \(dependency.change.log) before change "
          + "\(id.sequence) of log \(id.log), which builds on it"
      }
      exclude(Exclusion(first: id, cause: .dependency(dependency.change)))
      return nil
    }
    accepted.append(sealed)
    fresh[id] = sealed.hash
    heads[id.log] = last
    return nil
  }

  private mutating func exclude(_ exclusion: Exclusion) {
    if exclusions.insert(exclusion) { excluded.append(exclusion) }
  }
}
