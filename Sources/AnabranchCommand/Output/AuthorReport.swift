internal import Anabranch

/// Who wrote a stretch of a text, as `inspect blame --json` prints it.
struct AuthorReport: Codable {
  var text: String
  /// Where it begins, and how long it is, in Unicode scalars.
  var position: Int
  var count: Int
  /// The log that has the change which wrote it, and the number there; null for what it began with where nobody knows who that was.
  @Nullable var replica: String?
  @Nullable var change: UInt32?
  /// What people call the device.
  @Nullable var name: String?
  @Nullable var time: String?

  init(_ author: TextAuthorship, _ names: LogNames) {
    text = author.text
    position = author.position
    count = author.count
    replica = author.operation?.log.description
    change = author.operation?.sequence
    name = author.operation.flatMap { names[$0.log] }
    time = author.time.map { Moment.text($0.milliseconds) }
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
    flatMap { author in
      let name = author.operation.map { names[$0.log] ?? String($0.log.description.prefix(8)) } ?? "nobody knows"
      let when = author.time.map { " " + Moment.short($0.milliseconds) } ?? ""
      let words = author.text.isEmpty ? style.dim("(not on this device)") : author.text
      return [style.dim("\(TextWidth.fit(name, 20))\(when)")]
        + TextWidth.wrap(words, style.columns - 2).map { "  " + $0 }
    }.joined(separator: "\n")
  }
}
