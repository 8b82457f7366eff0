internal import Anabranch

/// Says in words what an undo left as it is.
enum RemainderWords {
  static func text(_ remainder: UndoRemainder, device: String?) -> String {
    let who = device.map { " by \(TextWidth.fit($0, 30))" } ?? ""
    let what = subject(remainder)
    return switch remainder.reason {
    case .changedSince: "\(what) was changed since\(who)"
    case .continuedSince: "\(what) was continued since\(who)"
    case .purged: "\(what) was purged"
    case .wordsGone: "what was deleted from \(what) is not on this device any more"
    case .final: "\(what) cannot be undone" + (purging.contains(remainder.kind) ? ": a purge is for good" : "")
    case .uncounted: "what was done to \(what) has no effect: its device might not do it"
    case .unknown: "what was done to \(what) is known to a newer version only"
    }
  }

  private static let purging: Set<OperationKind> = [.purge, .purgePast, .receipt]

  private static func subject(_ remainder: UndoRemainder) -> String {
    let name = remainder.object.map { " \($0.short)" } ?? ""
    switch remainder.kind {
    case .createConversation, .importConversation, .trash, .restore: return "conversation\(name)"
    case .createMessage, .importMessage, .appendText: return "message\(name)"
    case .editText: return "a text of\(name)"
    case .writeRegister:
      switch remainder.register {
      case .title: return "the title of\(name)"
      case .archived: return "whether\(name) is archived"
      case .pinned: return "whether\(name) is pinned"
      case .model: return "the model of\(name)"
      default: return "a field of\(name)"
      }
    case .addElement, .removeElement:
      return remainder.set == .attachments
        ? "a file of message\(name)" : "a \(remainder.set == .folders ? "folder" : "tag") of\(name)"
    case .purge, .purgePast: return "the purge of\(name)"
    case .receipt: return "that a purge was carried out"
    case .markRead: return "that\(name) was read"
    default: return "something of\(name)"
    }
  }
}
