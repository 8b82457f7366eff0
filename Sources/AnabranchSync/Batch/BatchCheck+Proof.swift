internal import AnabranchCore
internal import AnabranchWire

/// What signatures say of a batch.
extension BatchCheck {
  /// Whether the changes of a log in the batch come out as signed, or as a branch says that goes on from them and comes out so itself,
  /// if they follow `start`. Whatever is asked of a batch, no change is read twice after the same one.
  mutating func isProved(_ log: LogID, from start: Reading) -> Bool {
    // A branch may hang on one that goes on from it, and so on, as often as there are logs in the batch: too often for recursion.
    var path: [(claim: Claim, branches: [Reading])] = []
    var next: (log: LogID, start: Reading)? = (log, start)
    var isProved = false
    while true {
      if let (log, start) = next {
        let claim = Claim(log: log, previous: start.hash)
        isProved = proved[claim] ?? false
        if proved[claim] == nil {
          let end = follow(log, from: start)
          if let end, batch.signatures[log] == nil {
            path.append((claim, branches(after: end)))
          } else {
            isProved = end.map { isSigned($0, of: log) } ?? false
            proved[claim] = isProved
          }
        }
      }
      guard var step = path.popLast() else { return isProved }
      if !isProved, let branch = step.branches.popLast() {
        path.append(step)
        next = (branch.header.log, branch)
      } else {
        proved[step.claim] = isProved
        next = nil
      }
    }
  }

  /// Where the changes of a log in the batch end, if they follow `start`; nil where they cannot be read. `visit` is told each, and what
  /// its sender calls it.
  func follow(
    _ log: LogID, from start: Reading, _ visit: (ChangeID, SealedChange) -> Void = { _, _ in }
  ) -> Reading? {
    var end = start
    for run in batch.runs where run.log == log {
      for (offset, bytes) in run.changes.enumerated() {
        end.last.sequence &+= 1
        let context = SealedChange.Context(id: end.last, previous: end.hash)
        guard let sealed = try? SealedChange(bytes: bytes, context: context) else { return nil }
        end.hash = sealed.hash
        visit(ChangeID(log: log, sequence: run.first &+ UInt32(truncatingIfNeeded: offset)), sealed)
      }
    }
    return end
  }

  /// The branches in the batch that go on from there.
  private func branches(after end: Reading) -> [Reading] {
    let (number, overflow) = end.last.sequence.addingReportingOverflow(1)
    guard !overflow else { return [] }
    let context = SealedChange.Context(id: ChangeID(log: end.last.log, sequence: number), previous: end.hash)
    return batch.runs.compactMap { run in
      guard case .branch(end.last.log, number, let name) = run.header, run.first == 1, let bytes = run.changes.first,
        (try? SealedChange(bytes: bytes, context: context))?.hash == name
      else { return nil }
      return Reading(header: run.header, last: end.last, hash: end.hash)
    }
  }

  /// Checks what proves a log of the batch, which was read. Returns why the batch is to be refused, if it is.
  mutating func prove(_ log: LogID) -> String? {
    guard let reading = readings[log] else { return nil }
    guard let signature = batch.signatures[log] else {
      return continued.contains(reading.hash) ? nil : "log \(log) comes without a signature"
    }
    guard isSigned(reading, of: log) else {
      return
        "log \(log) is not what its author signed: the signature at change \(reading.last.sequence) does not fit it"
    }
    guard let place = reading.place else { return nil }
    acceptance.checkpoints.append(Checkpoint(change: place, hash: reading.hash, signature: signature))
    return nil
  }

  /// Whether the signature that came with a log is its author's, for what was read of it.
  private func isSigned(_ reading: Reading, of log: LogID) -> Bool {
    guard let signature = batch.signatures[log], let root = rootHeader(of: reading.header) else { return false }
    return isSigned(Checkpoint(change: reading.last, hash: reading.hash, signature: signature), root)
  }
}
