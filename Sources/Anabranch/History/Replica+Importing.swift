internal import AnabranchStore
internal import Foundation

extension Replica {
  /// Takes over a history from outside; what is here already is left as it is.
  ///
  /// Runs in pieces, so that others get their turn. `progress` is told after each piece. Where the reading fails, or
  /// the task is cancelled, what was taken over so far stays, and importing again completes it; the error is thrown.
  public func importHistory(
    from reader: sending any HistoryReader, progress: @Sendable (WorkProgress) -> Void = { _ in }
  ) async throws(AnabranchError) -> ImportSummary {
    var importer = try write { (_, store) in Importer(store, surroundings) }
    do throws(AnabranchError) {
      while try step(&importer, reader) {
        progress(reader.progress)
        pushToPeers()
        await Task.yield()
      }
    } catch {
      try? finish(&importer)
      throw error
    }
    try finish(&importer)
    progress(reader.progress)
    return importer.summary
  }

  /// The same without turns for others in between.
  package func importAll(from reader: any HistoryReader) throws(AnabranchError) -> ImportSummary {
    var importer = try write { (_, store) in Importer(store, surroundings) }
    do throws(AnabranchError) {
      while try step(&importer, reader) { pushToPeers() }
    } catch {
      try? finish(&importer)
      throw error
    }
    try finish(&importer)
    return importer.summary
  }

  /// Events that are taken over before others get their turn.
  private static let eventsPerStep = 256

  private func step(_ importer: inout Importer, _ reader: any HistoryReader) throws(AnabranchError) -> Bool {
    guard !Task.isCancelled else {
      throw AnabranchError(
        .interrupted, "the import was interrupted; what was read so far is kept",
        remedy: "run it again to complete it")
    }
    for _ in 0..<Self.eventsPerStep {
      let event: HistoryEvent?
      do {
        event = try reader.next()
      } catch let error as AnabranchError {
        throw error
      } catch {
        throw AnabranchError(.io, "the history could not be read: \(error)")
      }
      guard let event else { return false }
      try attempt { () throws(StoreError) in try importer.take(event) }
    }
    return true
  }

  private func finish(_ importer: inout Importer) throws(AnabranchError) {
    defer { if !importer.changed.isEmpty { notify(importer.changed) } }
    try attempt { () throws(StoreError) in try importer.finish() }
  }
}
