internal import Anabranch

/// The connections of a recording, in the order in which they began, and where their frames stand.
struct RecordingIndex {
  /// A connection, with all that is known of it at its end.
  struct Session {
    var session = WireSession()
    /// Where its frames begin in the file.
    var frames: [UInt64] = []
  }

  private(set) var sessions: [Session] = []
  /// Whether any of it was recorded with contents.
  private(set) var hasContents = false
  /// What is wrong with the file behind all that.
  private(set) var failure: AnabranchError?

  /// Reads all of `recording`. O(file); keeps eight bytes a frame.
  init(_ recording: RecordingFile) {
    do throws(AnabranchError) {
      var open: [UInt64: Int] = [:]
      while true {
        let items = try recording.next(limit: Self.pieceMax)
        guard !items.isEmpty else { return }
        for item in items { add(item, &open) }
      }
    } catch {
      failure = error
    }
  }

  /// Entries that are in memory at a time, each of which may be a whole frame.
  static let pieceMax = 8

  private mutating func add(_ item: RecordingFile.Item, _ open: inout [UInt64: Int]) {
    let entry = item.entry
    switch entry.event {
    case .started(_, let hasContents):
      self.hasContents = self.hasContents || hasContents
      open = [:]
    case .stopped:
      break
    case .began, .proved, .frame, .ended:
      var place = open[entry.connection]
      if case .began = entry.event { place = nil }
      let index = place ?? sessions.count
      if place == nil {
        sessions.append(Session())
        open[entry.connection] = index
      }
      sessions[index].session.note(entry)
      if case .frame = entry.event { sessions[index].frames.append(item.position) }
    }
  }
}
