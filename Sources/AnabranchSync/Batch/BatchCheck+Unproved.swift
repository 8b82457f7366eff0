internal import AnabranchCore
internal import AnabranchWire

/// What of a batch nobody could be given: its author's signature comes after something that is left out.
extension BatchCheck {
  /// What the batch has of a log, as its sender calls it.
  private struct Stretch {
    /// Its changes by what others name them with.
    var changes: [(id: ChangeID, hash: Digest)] = []
    /// How many of them are kept.
    var kept: Int
    /// The first that was not held before; nil for none.
    var firstNew: Int?
    /// What proves it: its signature, or one of these branches, which go on from its end.
    var isSigned: Bool
    var branches: [Int] = []
    /// Whether all of it is kept, and proved.
    var isProved = true
  }

  /// From where on logs are to be left out besides, so that all that is new here can be proved: whoever holds what it cannot pass on shows
  /// for good what others never see. `isNew` tells whether the change of that hash was not held before the batch. O(bytes), to be asked
  /// only where something is left out.
  func unproved(_ isNew: (Digest) -> Bool) -> [Exclusion] {
    var (stretches, dependents) = stretches(isNew)
    var excluded: [Exclusion] = []
    // What is dropped takes along what builds on it, and what comes before it in its log without a signature of its own.
    var waiting = stretches.indices.map { (stretch: $0, from: stretches[$0].kept) }
    while let (stretch, from) = waiting.popLast() {
      let kept = stretches[stretch].kept
      if from < kept {
        stretches[stretch].kept = from
        for change in stretches[stretch].changes[from..<kept] { waiting += dependents[change.hash.head] ?? [] }
      }
      let one = stretches[stretch]
      let isProved =
        one.kept == one.changes.count && (one.isSigned || one.branches.contains { stretches[$0].isProved })
      guard !isProved, one.isProved else { continue }
      stretches[stretch].isProved = false
      if let first = one.firstNew, first < one.kept {
        excluded.append(Exclusion(first: one.changes[first].id, cause: .unproved))
        waiting.append((stretch, first))
      }
      for other in stretches.indices where stretches[other].branches.contains(stretch) {
        waiting.append((other, stretches[other].kept))
      }
    }
    return excluded
  }

  /// What the batch has of each log, and, by the changes that others build on or go on from, where those stand.
  private func stretches(_ isNew: (Digest) -> Bool) -> ([Stretch], [Bytes16: [(stretch: Int, from: Int)]]) {
    var stretches: [Stretch] = []
    var dependents: [Bytes16: [(stretch: Int, from: Int)]] = [:]
    var ends: [Digest: Int] = [:]
    let starts = order.compactMap { self.starts[$0] }
    for (number, start) in starts.enumerated() {
      let log = start.header.log
      dependents[start.hash.head, default: []].append((number, 0))
      var stretch = Stretch(kept: 0, isSigned: batch.signatures[log] != nil)
      let end = follow(log, from: start) { id, sealed in
        let place = stretch.changes.count
        for dependency in sealed.change.dependencies {
          dependents[dependency.hash, default: []].append((number, place))
        }
        if stretch.firstNew == nil, isNew(sealed.hash) { stretch.firstNew = place }
        if !isLeftOut(asSent: id), stretch.kept == place { stretch.kept += 1 }
        stretch.changes.append((id, sealed.hash))
      }
      if let end { ends[end.hash] = number }
      stretches.append(stretch)
    }
    for (number, start) in starts.enumerated() {
      if let parent = ends[start.hash], parent != number { stretches[parent].branches.append(number) }
    }
    return (stretches, dependents)
  }
}
