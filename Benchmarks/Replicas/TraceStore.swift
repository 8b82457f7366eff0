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
  /// Another one, with notes of a few words.
  private let other: ObjectID
  private static let wall: Int64 = 1_700_000_000_000

  /// A new database in `folder`, which is made.
  init(in folder: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    path = folder + "/history.sqlite"
    store = try Store(at: path, durability: .normal)
    try store.openLog(.device(key: .zero, nonce: Bytes16(high: 4, low: 4)), wall: Self.wall)
    let create = Draft(
      kind: .createConversation, target: nil, mutation: .createConversation(CreateConversation(created: Self.wall)))
    let made = try store.write([create, create], wall: Self.wall)
    (target, other) = (.native(made[0]), .native(made[1]))
    var edits = TextEdits()
    edits.insert("a few words", at: 0)
    _ = try store.edit(
      edits, of: .notes, in: other, seen: [], salt: Bytes16(high: 5, low: 5), wall: Self.wall)
    try store.sealOpenChange(wall: Self.wall)
  }

  /// The name of the next change.
  var next: ChangeID {
    ChangeID(log: store.ownLog ?? LogID(Bytes16(high: 0, low: 0)), sequence: store.nextSequence ?? 0)
  }

  /// Keeps what `writer` did, a transaction a change.
  func keep(_ writer: TraceWriter) throws {
    for drafts in writer.drafts { try store.write(drafts, wall: Self.wall) }
  }

  /// How long it takes to open the database, to read a first short text, for which statements have to be prepared, and then
  /// the text; `rounds` times, each in a connection of its own.
  func read(
    rounds: Int, expecting text: String
  ) throws -> (opening: [Lap], first: [Lap], reading: [Lap], isRight: Bool) {
    var (opening, first, reading, isRight): ([Lap], [Lap], [Lap], Bool) = ([], [], [], true)
    for _ in 0..<rounds {
      let stopwatch = Stopwatch()
      let reader = try Store(at: path, access: .read)
      opening.append(stopwatch.lap())
      let firsts = Stopwatch()
      _ = try reader.text(.notes, of: other)
      first.append(firsts.lap())
      let reads = Stopwatch()
      let found = try reader.text(.notes, of: target)?.text
      reading.append(reads.lap())
      isRight = isRight && found == text
      try reader.close()
    }
    return (opening, first, reading, isRight)
  }
}
