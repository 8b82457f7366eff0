public import AnabranchCore
internal import AnabranchWire

extension IncomingBatch {
  /// Reads the changes and compares them with what is held now, in the transaction that is to store them.
  ///
  /// `head` tells how far a log is held, nil for not at all; `hash` the hash of a held change, nil for one that is
  /// not held. A change that is held already is compared and skipped. One that differs from the one held, or
  /// builds on another than the one held, is excluded with all that follows and all that builds on it. Rethrows
  /// the closures' error. O(bytes), and a hash a dependency.
  public func checked<Failure: Error>(
    head: (LogID) throws(Failure) -> LogHead?, hash: (ChangeID) throws(Failure) -> Digest?
  ) throws(Failure) -> CheckedBatch {
    var check = Check(exclusions: exclusions)
    for run in runs {
      for (offset, bytes) in run.changes.enumerated() {
        let id = ChangeID(log: run.log, sequence: run.first &+ UInt32(truncatingIfNeeded: offset))
        if check.exclusions.contains(id) { continue }
        if let refusal = try check.take(bytes, id, header: run.header, head: head, hash: hash) {
          return .refused(refusal)
        }
      }
    }
    return .accepted(check.accepted, excluded: check.excluded)
  }
}

/// A batch on its way through the check.
private struct Check {
  var exclusions: Exclusions
  private(set) var accepted: [SealedChange] = []
  private(set) var excluded: [Exclusion] = []
  /// Heads of the logs met so far, the accepted changes included.
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
    let current: LogHead
    if let met = heads[id.log] {
      current = met
    } else {
      current = try head(id.log) ?? LogHead(sequence: 0, hash: header.foundingHash)
      heads[id.log] = current
    }

    guard id.sequence > current.sequence else {
      let before = ChangeID(log: id.log, sequence: id.sequence - 1)
      let previous = id.sequence == 1 ? header.foundingHash : try known(before)
      guard let previous, let held = try known(id) else {
        return "change \(id.sequence) of log \(id.log) is held without a hash"
      }
      return parse(bytes, id, previous: previous) { check, sealed in
        if sealed.hash != held { check.exclude(Exclusion(first: id, cause: .forked)) }
      }
    }
    guard id.sequence - 1 == current.sequence else {
      return "expected change \(current.sequence) + 1 of log \(id.log), got \(id.sequence)"
    }

    let sealed: SealedChange
    switch Self.parsed(bytes, id, previous: current.hash) {
    case .success(let change): sealed = change
    case .failure(let error): return Self.refusal(of: id, error)
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
    heads[id.log] = LogHead(sequence: id.sequence, hash: sealed.hash)
    return nil
  }

  private mutating func exclude(_ exclusion: Exclusion) {
    if exclusions.insert(exclusion) { excluded.append(exclusion) }
  }

  private mutating func parse(
    _ bytes: [UInt8], _ id: ChangeID, previous: Digest, then: (inout Check, SealedChange) -> Void
  ) -> String? {
    switch Self.parsed(bytes, id, previous: previous) {
    case .success(let sealed):
      then(&self, sealed)
      return nil
    case .failure(let error):
      return Self.refusal(of: id, error)
    }
  }

  private static func parsed(
    _ bytes: [UInt8], _ id: ChangeID, previous: Digest
  ) -> Result<SealedChange, WireError> {
    Result { () throws(WireError) in
      try SealedChange(bytes: bytes, context: SealedChange.Context(id: id, previous: previous))
    }
  }

  private static func refusal(of id: ChangeID, _ error: WireError) -> String {
    "change \(id.sequence) of log \(id.log) cannot be read: \(error.message), at byte \(error.offset)"
  }
}
