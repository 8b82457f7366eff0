internal import AnabranchCore
internal import AnabranchStore
internal import AnabranchWire
internal import Foundation

/// A database in which one person edits one text: what a document costs where it lies, and how fast it is read there.
struct TraceStore {
  let path: String
  let store: Store
  /// The conversation whose notes are edited.
  let target: ObjectID
  private static let wall: Int64 = 1_700_000_000_000

  /// A new database in `folder`, which is made.
  init(in folder: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    path = folder + "/history.sqlite"
    store = try Store(at: path, durability: .normal)
    try store.openLog(.device(key: .zero, nonce: Bytes16(high: 4, low: 4)), wall: Self.wall)
    let create = Draft(
      kind: .createConversation, target: nil, mutation: .createConversation(CreateConversation(created: Self.wall)))
    target = .native(try store.write([create], wall: Self.wall)[0])
  }

  /// The name of the next change.
  var next: ChangeID {
    ChangeID(log: store.ownLog ?? LogID(Bytes16(high: 0, low: 0)), sequence: store.nextSequence ?? 0)
  }

  /// Keeps what `writer` did, a transaction a change.
  func keep(_ writer: TraceWriter) throws {
    for drafts in writer.drafts { try store.write(drafts, wall: Self.wall) }
  }

  /// How long it takes to open the database, and then to read the text, `rounds` times, each in a connection of its own.
  func read(rounds: Int, expecting text: String) throws -> (opening: [Lap], reading: [Lap], isRight: Bool) {
    var (opening, reading, isRight): ([Lap], [Lap], Bool) = ([], [], true)
    for _ in 0..<rounds {
      let stopwatch = Stopwatch()
      let reader = try Store(at: path, access: .read)
      opening.append(stopwatch.lap())
      let reads = Stopwatch()
      let found = try reader.text(.notes, of: target)?.text
      reading.append(reads.lap())
      isRight = isRight && found == text
      try reader.close()
    }
    return (opening, reading, isRight)
  }
}
