internal import AnabranchCore
package import AnabranchWire

/// Something about a bundled history that is not as it should be.
package struct BundleFault: Hashable, Sendable {
  /// What it is about.
  package enum Kind: Hashable, Sendable {
    /// A change does not go on from the one before, or not from what it depends on.
    case chain
    /// A log is not what its author signed.
    case signature
    /// The history does not amount to what the replica made of it.
    case state
    /// A conversation is not what the replica showed.
    case view
    /// The bundle says of a content what cannot be.
    case content
  }

  /// What it is about.
  package var kind: Kind
  /// In a sentence.
  package var words: String
}

extension Store {
  /// Replays a bundled history without contents in this scratch database, which is empty, and tells what is wrong with it: whether its
  /// chains, dependencies and signatures hold, and whether it amounts to what its replica kept. Empty where nothing is. `scalarsMax` bounds
  /// the texts that stand in for its own. O(history).
  package func check(
    _ history: BundledHistory, scalarsMax: Int = StandIns.scalarsMax
  ) throws(StoreError) -> [BundleFault] {
    do throws(StoreError) {
      try prepareReplay(of: history)
      for batch in history.changes.batches(of: Self.checkedBatch) { try replay(Array(batch), of: history) }
    } catch {
      guard error.code == .refused || error.code == .damaged || error.code == .limit else { throw error }
      return [BundleFault(kind: .chain, words: error.message)]
    }
    let signatures = history.changes.compactMap { item in item.change.signature.map { (item.id, $0) } }
    var faults = try self.faults(of: signatures).map { BundleFault(kind: .signature, words: $0) }
    do throws(WireError) {
      _ = try standIns(for: history, scalarsMax: scalarsMax)
    } catch {
      faults.append(BundleFault(kind: .content, words: error.message))
    }
    if logHash != history.origin.logHash {
      faults.append(BundleFault(kind: .chain, words: "the heads of the logs are not those that the replica had"))
    }
    // By other rules it may amount to something else.
    guard history.origin.level == SemanticsLevel.current else { return faults }
    if try stateHash() != history.origin.stateHash {
      faults.append(
        BundleFault(kind: .state, words: "the state that the replica kept is not what its log amounts to"))
    }
    return try faults + viewFaults(of: history, where: \.isOfStructure)
  }

  /// Where the conversations of this scratch database, in which `history` was replayed, show something else than the replica did, in those
  /// parts that `isMeant` names. O(history).
  package func viewFaults(
    of history: BundledHistory, where isMeant: (BundledView.Part) -> Bool
  ) throws(StoreError) -> [BundleFault] {
    // What stands for something stands for itself here.
    let built = try bundledViews { name, _ in name }
    let byName = Dictionary(built.map { ($0.conversation, $0) }) { first, _ in first }
    let subjects = Subjects(of: history.logs.map(\.header))
    var differences: [String] = []
    for kept in history.views {
      guard let view = byName[kept.conversation] else {
        differences.append("\(subjects[kept.conversation]) was shown, and is not in the log")
        continue
      }
      var parts = BundledView.Part.allCases.filter { isMeant($0) && kept.parts[$0] != view.parts[$0] }.map { "\($0)" }
      // It sums up hashes of contents, which stand-ins do not have.
      if !isMeant(.values), kept.fingerprint != view.fingerprint { parts.append("fingerprint") }
      if !parts.isEmpty {
        let words = "\(subjects[kept.conversation]) was shown otherwise than the log says"
        differences.append("\(words) (\(parts.joined(separator: ", ")))")
      }
    }
    for id in Set(byName.keys).subtracting(history.views.map(\.conversation)).sorted() {
      differences.append("\(subjects[id]) is in the log, and was not shown")
    }
    return differences.map { BundleFault(kind: .view, words: $0) }
  }

  /// What stands in for the contents of `history`, all of which was replayed in this scratch database.
  package func standIns(
    for history: BundledHistory, scalarsMax: Int = StandIns.scalarsMax
  ) throws(WireError) -> StandIns {
    try StandIns(for: history, scalarsMax: scalarsMax) { (id) throws(WireError) in (try? changeRecord(id))?.change }
  }

  /// Changes that are replayed in one step.
  private static let checkedBatch = 256
}

extension RandomAccessCollection where Index == Int {
  /// The elements, so many at a time.
  fileprivate func batches(of count: Int) -> [SubSequence] {
    stride(from: startIndex, to: endIndex, by: count).map { self[$0..<Swift.min($0 + count, endIndex)] }
  }
}
