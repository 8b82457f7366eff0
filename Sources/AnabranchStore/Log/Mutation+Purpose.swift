internal import AnabranchCore
internal import AnabranchWire

extension Mutation {
  /// What somebody wants who writes it, for who may not.
  var purpose: String {
    switch self {
    case .createConversation: "to begin a conversation"
    case .createMessage: "to write a message"
    case .appendText: "to go on with a message"
    case .importConversation, .importMessage: "to import something"
    case .editText, .regainText: "to edit a text"
    case .writeRegister(let write):
      switch write.register {
      case .title: "to write a title"
      case .model: "to choose a model"
      case .archived: "to archive something, or to bring it back"
      case .pinned: "to pin or unpin something"
      case .fields: "to set a field or a setting"
      case .name: "to say what a device is called"
      default: "to write a value"
      }
    case .addElement(let add): Self.purpose(for: add.set)
    case .removeElement(let remove): Self.purpose(for: remove.set)
    case .trash: "to delete something"
    case .restore: "to restore something"
    case .purge, .purgePast: "to purge something"
    case .withdraw, .reinstate, .undo: "to undo something"
    case .markRead: "to mark something as read"
    case .enrol: "to let a device in"
    case .restrict: "to take rights from a device"
    case .adopt: "to bring another history along"
    case .chunk, .receipt, .unknown: "to write"
    }
  }

  private static func purpose(for set: SetKind) -> String {
    switch set {
    case .tags: "to tag something, or to take a tag away"
    case .folders: "to put something into a folder, or out of it"
    case .attachments: "to attach or detach a file"
    default: "to write a value"
    }
  }
}
