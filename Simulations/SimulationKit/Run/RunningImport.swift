internal import Anabranch

/// An import that is under way on some machine.
struct RunningImport {
  let run: ImportRun
  let account: UInt64
  let version: Int
  /// Events that are taken over before others get their turn.
  let pieces: Int
}

extension Replica {
  /// Takes over a history without turns for others in between, and returns how much was new.
  func importAtOnce(from reader: any HistoryReader) throws -> Int {
    let run = try beginImport(from: reader)
    while try step(run) {}
    return run.summary.new
  }
}
