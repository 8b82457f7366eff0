/// What is said of a file that is attached to a message: an element of the set ``SetKind/attachments``.
///
/// The file's bytes are not in the log: they lie beside it as a blob, are fetched by who wants them, and may be absent.
public struct AttachmentContent: Hashable, Sendable {
  /// What the file is called.
  public var name: String
  /// Its media type (RFC 6838), as far as somebody said so.
  public var mediaType: String?
  /// How many bytes it has; nil where nobody knows.
  public var byteCount: UInt64?
  /// Its bytes; nil where an import told of a file that it did not have.
  public var blob: BlobID?
  /// What an import's source calls it.
  public var sourceID: String?

  /// The file called `name`.
  public init(
    name: String, mediaType: String? = nil, byteCount: UInt64? = nil, blob: BlobID? = nil, sourceID: String? = nil
  ) {
    self.name = name
    self.mediaType = mediaType
    self.byteCount = byteCount
    self.blob = blob
    self.sourceID = sourceID
  }
}
