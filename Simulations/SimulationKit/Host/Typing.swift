internal import AnabranchCore

/// A text that stands on a person's screen, as it was when they looked or typed last.
struct Typing {
  /// The conversation whose text it is.
  let conversation: ObjectID
  let text: TextKind
  /// What stands on the screen.
  var screen: [Unicode.Scalar]
  /// The version that it is.
  var version: [OperationID]
  /// The life of the process that shows it.
  let life: Int
}
