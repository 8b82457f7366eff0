internal import AnabranchStore
internal import Foundation

extension Replica {
  /// Takes over a history from outside; what is here already is left as it is.
  ///
  /// Runs in pieces, so that others get their turn. `progress` is told after each piece. Where the reading fails, the
  /// disk is full or the task is cancelled, what was taken over so far stays, and importing again completes it; the error is thrown.
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
      try finish(&importer)
    } catch {
      throw broken(&importer, error)
    }
    progress(reader.progress)
    return importer.summary
  }

  /// The same without turns for others in between.
  package func importAll(from reader: any HistoryReader) throws(AnabranchError) -> ImportSummary {
    var importer = try write { (_, store) in Importer(store, surroundings) }
    do throws(AnabranchError) {
      while try step(&importer, reader) { pushToPeers() }
      try finish(&importer)
    } catch {
      throw broken(&importer, error)
    }
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

  /// Keeps what can be kept of an import that broke off, and returns what is told of `error`.
  private func broken(_ importer: inout Importer, _ error: AnabranchError) -> AnabranchError {
    try? finish(&importer)
    guard error.code == .diskFull, importer.hasWritten else { return error }
    return AnabranchError(
      .diskFull, "the disk that holds \(home.database) is full; what was read so far is kept",
      remedy: "free some space, then run it again to complete it")
  }

  private func finish(_ importer: inout Importer) throws(AnabranchError) {
    defer { if !importer.changed.isEmpty { notify(importer.changed) } }
    try attempt { () throws(StoreError) in try importer.finish() }
  }
}
