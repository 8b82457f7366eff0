public import AnabranchCore
public import AnabranchStore

extension Replica {
  /// Shows from now on the history as it was at a point in its past, to everything that reads it; what was purged since stays
  /// hidden. Devices that were met, attached files and local settings are those of today.
  ///
  /// Only of a replica that is open for reading; where it throws, close it. `progress` is told how many changes of how many are
  /// done. O(changes of that past).
  public func rewind(
    to point: PastPoint, progress: @Sendable (_ done: UInt64, _ total: UInt64) -> Void = { _, _ in }
  ) throws(AnabranchError) {
    try withStore { (store) throws(StoreError) in try store.rewind(to: point, progress: progress) }
  }

  /// The changes that `text` means: those of an action, by its identifier or the beginning of it; or `LOG/N`, the number of a
  /// change in a log that is held, of which four digits do where they fit one log; the place of an operation in that change may follow.
  ///
  /// Throws ``AnabranchError/Code/invalid``, ``AnabranchError/Code/notFound`` or ``AnabranchError/Code/ambiguous``.
  public func findChanges(_ text: String) throws(AnabranchError) -> [ChangeID] {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count > 1 else { return try changes(of: findAction(text)) }
    let numbers = parts.dropFirst().map { UInt32($0) }
    guard parts[0].utf8.count >= 4, numbers.count <= 2, !numbers.contains(nil), let sequence = numbers[0], sequence > 0
    else {
      throw AnabranchError(
        .invalid, "expected an action, or LOG/N with four digits of a log or more and N from 1 on, got “\(text)”",
        remedy: "see `anabranch log` and `anabranch status`")
    }
    let vector = try withStore { (store) throws(StoreError) in store.vector }
    let logs = vector.entries.map(\.log).filter { $0.description.hasPrefix(parts[0].lowercased()) }
    guard let log = logs.first, logs.count == 1 else {
      throw AnabranchError(
        logs.isEmpty ? .notFound : .ambiguous,
        logs.isEmpty ? "there is no log \(parts[0])" : "“\(parts[0])” fits several logs",
        remedy: "see `anabranch status` for the logs held")
    }
    guard sequence <= vector[log] else {
      throw AnabranchError(
        .notFound, "change \(sequence) of log \(log) is not here; of that log \(vector[log]) are held",
        remedy: "see `anabranch inspect vector` for the logs held")
    }
    let id = ChangeID(log: log, sequence: sequence)
    if let place = numbers.dropFirst().first, let place {
      let operations = try change(id).change.operations
      guard operations.contains(where: { $0.index == place }) else {
        throw AnabranchError(
          .notFound,
          "change \(sequence) of log \(log) has no operation \(place); it has \(operations.count), from 0 on",
          remedy: "see `anabranch inspect show \(log.description.prefix(8))/\(sequence)`")
      }
    }
    return [id]
  }
}
