/// An import that is under way. Used only by the replica it belongs to, one piece after the other.
package final class ImportRun: @unchecked Sendable {
  var importer: Importer
  let reader: any HistoryReader

  init(_ importer: Importer, _ reader: any HistoryReader) {
    self.importer = importer
    self.reader = reader
  }

  /// What was taken over so far.
  package var summary: ImportSummary { importer.summary }
}
