internal import AnabranchCore

/// An import that is under way. Used only by the replica it belongs to, one piece after the other.
package final class ImportRun: @unchecked Sendable {
  var importer: Importer
  let reader: any HistoryReader
  /// The events that were read and are not kept yet, and why no more could be read.
  var piece: (events: [HistoryEvent], failure: AnabranchError?)?
  /// The files that the piece's messages bring and that are not here yet, the next one last.
  var files: [SourceAttachment] = []
  /// The file whose bytes are being taken in.
  var staging: (file: SourceAttachment, bytes: Staging)?

  /// The files whose bytes are here and that the piece's messages are to refer to.
  var holds: [StagedFile] = []

  init(_ importer: Importer, _ reader: any HistoryReader) {
    self.importer = importer
    self.reader = reader
  }

  /// What was taken over so far.
  package var summary: ImportSummary { importer.summary }

  /// The next events of the history, fewer than `count` at its end or where it cannot be read on.
  func read(_ count: Int) -> (events: [HistoryEvent], failure: AnabranchError?) {
    var events: [HistoryEvent] = []
    events.reserveCapacity(count)
    do {
      while events.count < count, let event = try reader.next() { events.append(event) }
    } catch let error as AnabranchError {
      return (events, error)
    } catch {
      return (events, AnabranchError(.io, "the history could not be read: \(error)"))
    }
    return (events, nil)
  }
}
