internal import Anabranch

/// Who wrote a stretch of a text, as `inspect blame --json` prints it.
struct AuthorReport: Codable {
  /// The change of an undo that put words back.
  struct PutBack: Codable {
    var replica: String
    var change: UInt32
    @Nullable var name: String?
    @Nullable var time: String?
  }

  var text: String
  /// Where it begins, and how long it is, in Unicode scalars.
  var position: Int
  var count: Int
  /// The log that has the change which wrote it first, and the number there; null for what it began with where nobody knows who that was.
  @Nullable var replica: String?
  @Nullable var change: UInt32?
  /// What people call the device.
  @Nullable var name: String?
  @Nullable var time: String?
  /// Of words that went and were put back by an undo, the change that did so last.
  @Nullable var putBack: PutBack?

  init(_ author: TextAuthorship, _ names: LogNames) {
    text = author.text
    position = author.position
    count = author.count
    replica = author.operation?.log.description
    change = author.operation?.sequence
    name = author.operation.flatMap { names[$0.log] }
    time = author.time.map { Moment.text($0.milliseconds) }
    putBack = author.putBackBy.map { undo in
      PutBack(
        replica: undo.log.description, change: undo.sequence, name: names[undo.log],
        time: author.putBackTime.map { Moment.text($0.milliseconds) })
    }
  }
}

extension [TextAuthorship] {
  /// Prints who wrote what. Of a text in which nothing stands a note says so, for people.
  func print(to output: Output, _ names: LogNames) throws {
    try output.print(map { AuthorReport($0, names) }) { text(names, $0) }
    if isEmpty, !output.json { Output.note("anabranch: nothing is written there") }
  }

  /// Each stretch below who wrote it and when, in lines that fit.
  func text(_ names: LogNames, _ style: Style) -> String {
    func name(_ log: LogID) -> String { TextWidth.fit(names[log] ?? String(log.description.prefix(8)), 20) }
    func when(_ time: HybridTime?) -> String { time.map { " " + Moment.short($0.milliseconds) } ?? "" }
    return flatMap { author in
      let writer = author.operation.map { name($0.log) } ?? "nobody knows"
      let undo = author.putBackBy.map { ", put back by \(name($0.log))\(when(author.putBackTime))" } ?? ""
      let title = TextWidth.wrap("\(writer)\(when(author.time))\(undo)", style.columns)
      let words = author.text.isEmpty ? style.dim("(not on this device)") : author.text
      return title.map { style.dim(String($0)) }
        + TextWidth.wrap(words, style.columns - 2).map { "  " + $0 }
    }.joined(separator: "\n")
  }
}
