internal import Anabranch

/// What is said of a database that is damaged, and read all the same. With `--json` that is one line, of this.
struct DamageNote: Encodable {
  var code = AnabranchError.Code.damaged.rawValue
  var message: String
  var remedy =
    "see `anabranch inspect check`; with --repair it keeps the file, and goes on with what is sound of it"
  /// Whether everything that was written could be read, as far as the file tells.
  var isWhole: Bool

  private enum CodingKeys: String, CodingKey { case code, message, remedy, isWhole }

  /// Of one of which what remains is read, since what was `met` kept it from being read as it is. `names` is what people call the devices
  /// that write the logs.
  init(_ damage: Damage, met: String, names: LogNames) {
    let salvage = damage.salvage
    isWhole = salvage.isTakenOver
    // A log says most of what is lost.
    let worst = damage.faults.first { $0.part == .log } ?? damage.faults.first
    let fault = damage.isPageByPage ? met : worst?.message ?? met
    message =
      fault.contains(damage.file) ? fault : "\(damage.file) is damaged (\(TextWidth.fit(fault, Self.faultColumns)))"
    if damage.isPageByPage { message += "; its pages were read one by one" }
    guard !isWhole else {
      message += "; its log is whole, and what you see was made anew of that"
      return
    }
    message +=
      "; what you see is made of what is sound and builds on nothing damaged (\(Count.changes(salvage.changes)))"
    let lost = salvage.losses.map { names.called($0.changes, of: $0.log) }
    if !lost.isEmpty { message += ", without \(Self.list(lost))" }
    if salvage.lostBlocks > 0 {
      message += "; of attached files \(Count.text(salvage.lostBlocks, "block")) cannot be read"
    }
    let others = salvage.faults.dropFirst(damage.isPageByPage ? 1 : 0)
    if let other = others.first(where: { $0 != fault }) { message += "; also, \(other)" }
  }

  /// Of one that is read as it is, but for changes that cannot be.
  init(_ file: String, without changes: [ChangeID], names: LogNames) {
    isWhole = false
    let words = changes.map { names.called($0.sequence...$0.sequence, of: $0.log) }
    message = "\(file) is damaged; you see everything but what was written in \(Self.list(words)), which cannot be read"
  }

  /// The note as it is printed.
  func text(json: Bool) -> String {
    if json, let line = try? Output.line(["warning": self]) { return line }
    return TextWidth.printableLines("anabranch: \(message)\n  → \(remedy)")
  }

  /// SQLite lists page after page.
  private static let faultColumns = 120
  /// So many stretches of logs are named.
  private static let shown = 3

  private static func list(_ words: [String]) -> String {
    let more = words.count > shown ? [" and \(words.count - shown) more"] : []
    return words.prefix(shown).joined(separator: ", ") + more.joined()
  }
}
