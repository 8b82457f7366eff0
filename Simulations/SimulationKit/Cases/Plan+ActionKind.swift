extension Plan.Action {
  /// What people do with their history.
  public enum Kind: String, CaseIterable, Sendable {
    /// Start a conversation.
    case start
    /// Say something, and mostly get an answer.
    case say
    /// Get an answer whose words come one after the other.
    case stream
    /// Go on with an answer that was thought complete, on whatever machine it was written.
    case resume
    /// Change some words of a message, or of the notes on a conversation.
    case edit
    /// Type on in a draft, or in notes, from where the typist was before.
    case type
    /// Say what was drafted.
    case sayDraft
    /// Edit an earlier turn, or ask for another answer.
    case branch
    /// Attach a file to a message, or take one from it.
    case attach
    /// Call a conversation something else.
    case title
    /// Archive it or pin it.
    case mark
    /// Give it a tag.
    case tag
    /// Take one away.
    case untag
    /// Put it into a folder, or keep something about it under a name.
    case sort
    /// Note that it was read.
    case read
    /// Put it into the trash.
    case delete
    /// Take one out of it.
    case restore
    /// Take a conversation, or a message, away for good.
    case purge
    /// Take back what was done, here or elsewhere.
    case undo
    /// Import what another tool has by now.
    case importHistory
    /// Look for something said before.
    case search
    /// Sync once with another machine.
    case exchange
    /// Close the program and open it again.
    case reopen
    /// Make a backup.
    case backUp

    /// How often, in relation to the others.
    var weight: Int {
      switch self {
      case .say: 8
      case .start, .stream, .title, .edit, .type: 3
      case .undo, .branch, .tag, .untag, .resume, .importHistory, .backUp, .attach: 2
      default: 1
      }
    }
  }
}
