public import AnabranchCore

/// One entry of a bundle.
public enum BundleEntry: Hashable, Sendable {
  /// Whose history it is, and by what rules; the first entry.
  case about(BundleOrigin)
  /// A log, before its changes; a branch with the log that it goes on from, where it is attached to one.
  case log(LogHeader, parent: LogID?)
  /// A change, after all that it depends on.
  case change(BundledChange)
  /// What the replica shows of a conversation.
  case view(BundledView)
  /// Something that a verification found, in words, at most ``wordsBytesMax`` bytes of them.
  case fault(String)
  /// The number of the property that did not hold in a simulated run, and what was seen.
  case failure(property: UInt32, seen: String)
  /// The simulated run that the history is from, as its file has it.
  case run(String)
  /// The last entry: how many changes and views there are.
  case end(changes: UInt64, views: UInt64)

  /// Bytes of a finding in words, of which no more is kept.
  public static let wordsBytesMax = 4_096
}

/// Whose history a bundle has, and by what rules it became what it is.
public struct BundleOrigin: Hashable, Sendable {
  /// The program that wrote it, and its version.
  public var program: String
  /// The version of the database's schema.
  public var schema: UInt32
  /// The rules by which the views were built; see ``SemanticsLevel``.
  public var level: UInt32
  /// The space that the replica belongs to, and the log it writes.
  public var (space, own): (Bytes16?, LogID?)
  /// Whether the roster of that space decides what counts.
  public var isRosterBinding: Bool
  /// The fingerprints of the state, as it is kept, and of the logs.
  public var (stateHash, logHash): (Digest, Digest)

  /// The history of a replica that `program` holds.
  public init(
    program: String, schema: UInt32, level: UInt32, space: Bytes16?, own: LogID?, isRosterBinding: Bool,
    stateHash: Digest, logHash: Digest
  ) {
    (self.program, self.schema, self.level, self.space, self.own) = (program, schema, level, space, own)
    (self.isRosterBinding, self.stateHash, self.logHash) = (isRosterBinding, stateHash, logHash)
  }
}

/// A change as a bundle has it.
public struct BundledChange: Hashable, Sendable {
  /// Which operation had a content, counted from 0 in the change, and what shape that was of.
  public struct Shape: Hashable, Sendable {
    /// The operation's place.
    public var place: UInt32
    /// The shape.
    public var shape: ContentShape

    /// The shape of the content of an operation.
    public init(place: UInt32, shape: ContentShape) {
      (self.place, self.shape) = (place, shape)
    }
  }

  /// Its log's number: that of the log's entry, counted from 0. It is the next change of that.
  public var log: UInt32
  /// Its canonical bytes, every content taken away.
  public var bytes: [UInt8]
  /// Its author's signature, 64 bytes, where one is kept here.
  public var signature: [UInt8]?
  /// The contents that were there, in the order of their places.
  public var shapes: [Shape]

  /// The next change of the log of that number.
  public init(log: UInt32, bytes: [UInt8], signature: [UInt8]?, shapes: [Shape]) {
    (self.log, self.bytes, self.signature, self.shapes) = (log, bytes, signature, shapes)
  }
}

/// What a replica shows of a conversation, so that one can tell whether another one shows the same: hashes over what stands in what
/// order, and over pseudonyms.
public struct BundledView: Hashable, Sendable {
  /// A part of it.
  public enum Part: UInt8, Hashable, Sendable, CaseIterable {
    /// When it began, its import, how many messages it has, whether it is in the trash, purged or hidden.
    case frame = 1
    /// Its tips.
    case tips = 2
    /// What each log did last to it.
    case activity = 3
    /// Its messages, with their parents, lines and times.
    case messages = 4
    /// In which order the messages are read.
    case order = 5
    /// Which writes and additions stand, in order.
    case winners = 6
    /// What it says: values by their pseudonyms, and how long texts are. Only this takes contents.
    case values = 7
    /// What is kept of its texts: who edited them, after what, and where something is absent. This, too.
    case texts = 8

    /// Whether it can be compared where every content is taken away.
    public var isOfStructure: Bool { self < .values }
  }

  /// The conversation; or what else has a row as one, since something is said of it: a device, or the settings.
  public var conversation: ObjectID
  /// The fingerprint that is kept of it.
  public var fingerprint: Digest
  /// The first half of a hash of each part.
  public var parts: [Part: Bytes16]

  /// A conversation as it is shown.
  public init(_ conversation: ObjectID, fingerprint: Digest, parts: [Part: Bytes16]) {
    (self.conversation, self.fingerprint, self.parts) = (conversation, fingerprint, parts)
  }

  /// Whether it is a conversation that shows: nothing else has messages in an order.
  public var isOfConversation: Bool { parts[.order] != nil }
}

extension BundledView.Part: Comparable {
  /// In the order of their numbers.
  public static func < (a: Self, b: Self) -> Bool {
    a.rawValue < b.rawValue
  }
}
