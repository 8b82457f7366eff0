internal import Anabranch

/// What a repair has done, as `inspect check --repair --json` prints it.
struct RepairReport: Encodable {
  struct Holder: Encodable {
    /// What people call it.
    var device: String
    /// Up to which change it is known to have it.
    var last: UInt32
  }

  struct Author: Codable {
    /// What people call it.
    var device: String
    /// As ``HoldingReport/reason``.
    var reason: String
    /// Whether this device has ever met it.
    var wasMet: Bool
  }

  struct Loss: Encodable {
    var log: String
    @Nullable var device: String?
    var first: UInt32
    var last: UInt32
    var reason: String
    /// Who has said that it has it, or its beginning; who has most comes first.
    var heldBy: [Holder]
    /// Who wrote it, and what is known of whether that has it; null for this device, and where nobody knows who.
    @Nullable var author: Author?
    fileprivate var called: String

    private enum CodingKeys: String, CodingKey { case log, device, first, last, reason, heldBy, author }
  }

  /// Where the damaged database is.
  var kept: String
  /// Changes that are in the new one.
  var changes: UInt64
  var losses: [Loss]
  /// Blocks of attached files that are not.
  var lostBlocks: Int
  /// What else could not be read.
  var faults: [String]
  /// Whether this device has met others and knows none of them as one of its space any more.
  var isAlone: Bool
  private let hasPeers: Bool
  /// Whether nothing is known to be lacking, and whether nobody needs the damaged one any more.
  private let lacksNothing: Bool
  private let isTakenOver: Bool

  private enum CodingKeys: String, CodingKey { case kept, changes, losses, lostBlocks, faults, isAlone, isNewLog }

  /// Whether this device goes on in another log.
  var isNewLog: Bool

  init(_ repair: Repair) {
    (kept, changes) = (repair.kept, repair.salvage.changes)
    let names = LogNames(repair.names)
    losses = repair.losses.map {
      Loss(
        log: $0.loss.log.description, device: repair.names[$0.loss.log], first: $0.loss.changes.lowerBound,
        last: $0.loss.changes.upperBound, reason: $0.loss.reason,
        heldBy: $0.holders.map { Holder(device: $0.name, last: $0.last) },
        author: $0.author.map { Author(device: $0.name, reason: $0.holding.rawValue, wasMet: $0.wasMet) },
        called: names.called($0.loss.changes, of: $0.loss.log))
    }
    (lostBlocks, faults, isNewLog) = (repair.salvage.lostBlocks, repair.salvage.faults, repair.isNewLog)
    (isAlone, hasPeers) = (repair.isAlone && !losses.isEmpty, repair.hasPeers)
    (lacksNothing, isTakenOver) = (losses.isEmpty && repair.salvage.lacksNothing, repair.salvage.isTakenOver)
  }

  func text(_ style: Style) -> String {
    var lines = ["\(style.green("✓")) A new database has \(Count.changes(changes)), and was verified."]
    func add(_ text: String) {
      lines += TextWidth.wrap(TextWidth.printable(text), style.columns - 2).map { "  " + $0 }
    }
    for loss in losses {
      add("Not there: \(loss.called). \(Self.source(of: loss))")
    }
    if lostBlocks > 0 {
      let source =
        hasPeers ? "To be had from a device that has them." : "No other device is known: attach those files again."
      add("Not there: \(Count.text(lostBlocks, "block")) of attached files. \(source)")
    }
    for fault in faults { add("Also, \(fault).") }
    if isNewLog {
      add("This device goes on in another log, since numbers of its own may have been used that are lost.")
    }
    add("The damaged database is kept\(isTakenOver ? " until something is purged" : ""): \(kept)")
    guard !lacksNothing else {
      add("Nothing that was written is known to be lacking.")
      if !isTakenOver { add("Not all of that file could be read, though: purges wait until you remove it.") }
      return lines.joined(separator: "\n")
    }
    if isAlone {
      add(
        "Who belongs to your history was lost, too. Let this device in again: `anabranch pair` on another one, and "
          + "`anabranch join CODE` here.")
    } else if hasPeers {
      add("Now sync with another device: `anabranch sync`, or `anabranch serve`.")
    }
    guard hasPeers else {
      if !losses.isEmpty { add("What is not there may be in a backup, or in what was imported: import that again.") }
      return lines.joined(separator: "\n")
    }
    if !isTakenOver {
      add(
        "Then `anabranch inspect check --repair --from FILE`, with the damaged one, takes over what can be read of "
          + "the rest. Purges wait for that, or until you remove the file.")
    }
    return lines.joined(separator: "\n")
  }

  /// Where what was lost is to be had: from who said to have it; else, as far as that still has it, from who wrote it.
  private static func source(of loss: Loss) -> String {
    let all = loss.heldBy.filter { $0.last == loss.last }.map(\.device)
    guard all.isEmpty else { return "To be had from \(list(all))." }
    let rest =
      switch loss.author.map({ ($0.device, Holding(rawValue: $0.reason), $0.wasMet) }) {
      case (let name, .wrote, true)?: "\(name) wrote that, and gives it unless it was lost there, too."
      case (let name, .wrote, false)?:
        "\(name) wrote that, and gives it unless it was lost there, too; this device has never met it."
      case (let name, .wroteBefore, _)?:
        "\(name) wrote that, in a log that it writes no more, and has not said since that it has it."
      case (let name, .wroteOutside, _)?:
        "No other device is known to have that but \(name), which wrote it and does not belong to this history."
      default: "No other device is known to have that."
      }
    guard let best = loss.heldBy.first else { return rest }
    return "To be had from \(best.device) up to change \(best.last). As to the rest: \(rest)"
  }

  private static func list(_ names: [String]) -> String {
    names.count < 2 ? names.joined() : names.dropLast().joined(separator: ", ") + " or " + (names.last ?? "")
  }
}
