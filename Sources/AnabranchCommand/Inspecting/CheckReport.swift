internal import Anabranch

/// What is damaged, as `inspect check --json` prints it.
struct CheckReport: Encodable {
  struct Fault: Encodable {
    var part: String
    var message: String
    /// Attached files that are concerned.
    var attachments: [Attachment]
  }

  struct Attachment: Encodable {
    var id: String
    var name: String
  }

  struct Files: Codable {
    /// Attached files, equal ones once, of which all is here.
    var whole: Int
    /// Those of which something is lacking.
    var lacking: Int
    /// Those of which something is not what it was; they count as neither.
    var damaged: Int
  }

  struct Log: Encodable {
    var log: String
    /// Null where nobody knows what it is called.
    @Nullable var device: String?
    /// The changes up to this one are sound by themselves; what they build on may not be.
    var sound: UInt32
    /// The last one of which anything is there.
    var last: UInt32
    /// The last one that it is known to have had.
    var known: UInt32
    /// The last one that a repair could not keep and that is not here; null where there is none.
    @Nullable var lost: UInt32?
    /// Those behind `sound` that are damaged, and those that read well and cannot be proved; of each the first stretches.
    var damaged: [Stretch]
    var readable: [Stretch]
    var bytes: UInt64
  }

  struct Stretch: Encodable {
    var first: UInt32
    var last: UInt32

    /// So many are listed.
    static let max = 64

    static func list(_ ranges: [ClosedRange<UInt32>]) -> [Stretch] {
      ranges.prefix(max).map { Stretch(first: $0.lowerBound, last: $0.upperBound) }
    }
  }

  var ok: Bool
  /// Of the state, computed anew; null where the log is not sound.
  @Nullable var stateHash: String?
  var logs: [Log]
  /// Null where the file cannot be opened, or what is attached cannot be read.
  @Nullable var files: Files?
  /// Null where it is not known whose it is, and of a file that somebody handed over.
  @Nullable var key: KeyStandingReport?
  var faults: [Fault]

  init(_ check: Check) {
    ok = check.isSound
    stateHash = check.found.stateHash?.description
    logs = check.found.logs.filter { $0.known > 0 }.map {
      Log(
        log: $0.log.description, device: check.names[$0.log], sound: $0.sound, last: $0.last, known: $0.known,
        lost: $0.unkept > 0 ? $0.unkept : nil, damaged: Stretch.list($0.damaged), readable: Stretch.list($0.readable),
        bytes: $0.bytes)
    }
    files = check.found.attachments.map {
      Files(whole: $0.whole, lacking: $0.lacking, damaged: check.found.damagedAttachments)
    }
    key = check.key.map { KeyStandingReport($0) }
    faults = check.found.faults.map { fault in
      Fault(
        part: fault.part.rawValue, message: fault.message,
        attachments: fault.attachments.map { Attachment(id: $0.id.description, name: $0.content.name) })
    }
    if let fault = check.keyFault {
      let message = "\(fault.message); \(fault.remedy)"
      faults.append(Fault(part: Verification.Part.local.rawValue, message: message, attachments: []))
    }
  }

  // MARK: Text

  private static let nameColumns = 8
  /// Of each part so many sentences are shown.
  private static let shown = 6

  /// What is said can be done where something is wrong.
  enum Advice {
    case none
    /// To repair the replica of a home.
    case repair
    /// The same once the device's key is right, without which nothing is repaired.
    case repairWithKey
    /// To take from a file that somebody handed over what is sound of it.
    case takeOver
    /// To do without it.
    case replace

    init(_ check: Check, isHandedOver: Bool) {
      guard !check.found.isSound else {
        self = .none
        return
      }
      let hasSound = check.found.logs.contains { $0.sound > 0 }
      self =
        !hasSound ? .replace : isHandedOver ? .takeOver : check.keyFault != nil ? .repairWithKey : .repair
    }

    var words: String? {
      switch self {
      case .none: nil
      case .repairWithKey:
        "Set the device's key right first, as said above: nothing is repaired without it. Then `anabranch inspect check --repair` "
          + "goes on with what is sound."
      case .repair:
        "`anabranch inspect check --repair` keeps this file and goes on with what is sound of it and builds on nothing that is "
          + "damaged; what is lacking then comes from your other devices."
      case .takeOver:
        "A repair is made where the replica is: `anabranch inspect check --repair` there. Another replica of this history takes from "
          + "this file what is sound of it and goes on from what is there, by `anabranch inspect check --repair --from FILE`."
      case .replace:
        "Not one change can be read, so there is nothing to repair it from. Keep this file, and \(Check.replacing)."
      }
    }
  }

  func text(_ style: Style, _ check: Check, _ advice: Advice) -> String {
    var lines: [String] = []
    let names = LogNames(check.names)
    for part in Verification.Part.allCases {
      let faults = faults.filter { $0.part == part.rawValue }.map { Self.named($0.words, names) }
      let (mark, words): (String, String)
      if part == .log, !check.isReadable, logs.allSatisfy({ $0.sound == 0 }) {
        (mark, words) = (style.red("✗"), "not one change is sound")
      } else if !faults.isEmpty {
        (mark, words) = (style.red("✗"), part == .log ? soundLogs(check) : "damaged")
      } else if let sound = soundness(of: part, check) {
        (mark, words) = (style.green("✓"), sound)
      } else {
        (mark, words) = (style.dim("·"), "not looked at, since it cannot be while the rest is damaged")
      }
      lines.append("\(mark)  \(TextWidth.pad(part.rawValue, Self.nameColumns))\(words)")
      for fault in faults.prefix(Self.shown) {
        lines += TextWidth.wrap(TextWidth.printable(fault), style.columns - 4).map { "    " + style.dim(String($0)) }
      }
      if faults.count > Self.shown {
        lines.append("    " + style.dim("… and \(faults.count - Self.shown) more; --json"))
      }
    }
    if let stateHash {
      lines.append("   " + style.dim(TextWidth.pad("state", Self.nameColumns)) + style.cyan(stateHash))
    }
    for log in check.found.logs where log.unkept > log.sound {
      let words = "Not here since a repair: \(names.called(log.sound + 1...log.unkept, of: log.log))."
      lines += TextWidth.wrap(TextWidth.printable(words), style.columns - 3).map { "   " + style.yellow(String($0)) }
    }
    for note in check.key?.notes ?? [] {
      lines += TextWidth.wrap(TextWidth.printable(note), style.columns - 3).map { "   " + style.yellow(String($0)) }
    }
    if let words = advice.words { lines += [""] + TextWidth.wrap(words, style.columns).map { String($0) } }
    return lines.joined(separator: "\n")
  }

  /// A sentence with what people call the logs that it names.
  private static func named(_ words: String, _ names: LogNames) -> String {
    names.logs.reduce(words) { $0.replacing("log \($1)", with: names.called($1)) }
  }

  private func soundLogs(_ check: Check) -> String {
    let (sound, known) = (logs.reduce(0) { $0 + UInt64($1.sound) }, logs.reduce(0) { $0 + UInt64($1.known) })
    let more = check.found.logs.reduce(0) { $1.readable.reduce($0) { $0 + UInt64($1.count) } }
    return "\(sound) of \(Count.changes(known)) are sound by themselves"
      + (more > 0 ? ", \(Count.text(more, "other")) \(more == 1 ? "reads" : "read") well" : "")
  }

  /// What is said of a part where nothing is wrong; nil where it was not looked at.
  private func soundness(of part: Verification.Part, _ check: Check) -> String? {
    switch part {
    case .file: return "SQLite finds nothing wrong"
    case .log:
      let (changes, bytes) = (logs.reduce(0) { $0 + UInt64($1.sound) }, logs.reduce(0) { $0 + $1.bytes })
      return
        "\(Count.changes(changes)) in \(Count.text(logs.count, "log")), \(Count.bytes(bytes)): hashes and signatures hold"
    case .views: return check.found.hasComparedViews ? "as they are when built anew from the log" : nil
    case .files:
      guard let totals = check.found.attachments else { return nil }
      let blocks = Count.text(check.found.blocks, "block")
      guard totals.lacking == 0 else {
        return
          "\(totals.whole + totals.lacking) attached, \(totals.lacking) of them not here in full; \(blocks): hashes hold"
      }
      return check.found.blocks == 0 ? "none is attached here" : "\(blocks) of attached files: hashes hold"
    case .local: return check.isReadable ? "nothing wrong with what concerns this device alone" : nil
    }
  }
}

extension CheckReport.Fault {
  /// As many digits as `anabranch attachments` shows.
  private static let digits = 14

  /// The message, with what the files are called.
  var words: String {
    message + attachments.map { " (\($0.id.prefix(Self.digits)) “\($0.name)”)" }.joined()
  }
}
