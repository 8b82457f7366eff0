internal import Anabranch

extension Facet {
  /// What of an object an argument names; nil where it names nothing that there is.
  init?(argument: String) {
    let parts = argument.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    switch (parts[0], parts.count > 1 ? parts[1] : nil) {
    case ("title", nil): self = .title
    case ("model", nil): self = .model
    case ("archived", nil): self = .archived
    case ("pinned", nil): self = .pinned
    case ("trash", nil): self = .trash
    case ("message", nil): self = .message
    case ("purge", nil): self = .purge
    case ("tag", let word?) where !word.isEmpty: self = .tag(word)
    case ("folder", let word?) where !word.isEmpty: self = .folder(word)
    case ("field", let name?) where !name.isEmpty: self = .field(name)
    default: return nil
    }
  }

  /// It, as an argument.
  var argument: String {
    switch self {
    case .title: "title"
    case .model: "model"
    case .archived: "archived"
    case .pinned: "pinned"
    case .trash: "trash"
    case .message: "message"
    case .purge: "purge"
    case .tag(let word): "tag:\(word)"
    case .folder(let word): "folder:\(word)"
    case .field(let name): "field:\(name)"
    }
  }
}
