public import AnabranchCore

/// A text that other devices are writing right now, as it would read with what they have not sealed yet.
public struct LiveText: Hashable, Sendable {
  /// The message, or the conversation, whose text it is.
  public var object: ObjectID
  /// That conversation, or the one that the message lies in.
  public var conversation: ObjectID
  /// Which text of it.
  public var text: TextKind
  /// What is there, with what is being written.
  public var reading: String
  /// The keys of the devices that write, in ascending order of the logs they write.
  public var devices: [Digest]
}
