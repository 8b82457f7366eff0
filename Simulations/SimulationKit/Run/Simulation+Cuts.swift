internal import AnabranchCore
internal import AnabranchStore

/// A device whose rights somebody took, and what counts of it by what that one held then.
struct Cut {
  let device: Digest
  let space: Bytes16
  /// What was left to it.
  let role: MemberRole
  /// Whose machine it was said on.
  let host: Int
  /// The hash of the change that says so.
  var change = Digest.zero
  /// The hashes of the changes of the device's logs that were held there: no name is needed, so that forks change nothing.
  let kept: Set<Digest>
}

/// What a removal, or a lower role, leaves out: told by hashes, and not by the roster that decides it.
extension Simulation {
  /// What is to be left of a device's rights, once they are taken on `host`; nil where nothing runs there, or there is nothing to take.
  func cut(_ device: Digest, to role: MemberRole, on host: Host) -> Cut? {
    guard let store = host.process?.store, let space = store.space, store.roster.role(of: device) > role else {
      return nil
    }
    let kept = host.disk.spared { (try? changes(of: device, in: store)) ?? [] }
    return Cut(device: device, space: space, role: role, host: host.number, kept: Set(kept.map(\.hash)))
  }

  /// Takes note of what was said last on its machine.
  func note(_ cut: Cut?, on host: Host) {
    guard var cut, let store = host.process?.store, let own = store.ownLog, let head = store.head(of: own) else {
      return
    }
    cut.change = head.hash
    cuts.append(cut)
  }

  /// Every change in a device's logs may do what it may by all that took rights from the device.
  func checkCuts(of host: Host, _ store: Store) throws {
    guard !cuts.isEmpty else { return }
    let hashes = try Set(store.heads.flatMap { try self.hashes(of: $0.log, in: store) })
    // A machine that was set back, or is lost, may have said it to nobody; and who has lost the right to says it in vain.
    let said = cuts.filter { hashes.contains($0.change) && $0.space == store.space }
    for (device, cuts) in Dictionary(grouping: said, by: \.device)
    where !cuts.contains(where: { limited.contains($0.host) }) {
      let role = store.roster.role(of: device)
      guard let least = cuts.map(\.role).min(), role <= least else {
        throw Violation(.removedIsExcluded, "\(host.name) calls \(device) a \(role), and its rights were taken")
      }
      for (change, hash) in try changes(of: device, in: store) {
        let rights = store.counting.rights(of: device, in: change.log).role(at: change.sequence)
        let isKept = cuts.contains { $0.kept.contains(hash) }
        guard isKept == (rights > least) else {
          throw Violation(
            .removedIsExcluded,
            "change \(change.sequence) of \(change.log) \(isKept ? "was" : "was not") held when rights were taken from its "
              + "device, and counts on \(host.name) as a \(rights)'s")
        }
      }
    }
  }

  private func changes(of device: Digest, in store: Store) throws -> [(change: ChangeID, hash: Digest)] {
    try store.heads.filter { store.device(of: $0.log) == device }.flatMap { log, _, _ in
      try hashes(of: log, in: store).enumerated().map {
        (ChangeID(log: log, sequence: UInt32($0.offset) + 1), $0.element)
      }
    }
  }

  /// The hashes of what is held of a log, in order.
  func hashes(of log: LogID, in store: Store) throws -> [Digest] {
    guard store.vector[log] > 0 else { return [] }
    return try (1...store.vector[log]).compactMap { try store.hash(of: ChangeID(log: log, sequence: $0)) }
  }
}
