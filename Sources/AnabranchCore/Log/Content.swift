/// What an operation says beyond its structure: there, absent, or never given.
///
/// Content can be taken away without breaking what was hashed: an operation commits to
/// H(salt ‖ content), not to the content. The salt makes a short content unguessable once both are gone.
public enum Content: Hashable, Sendable {
  /// The operation has no content.
  case none
  /// The bytes and the salt they were hashed with.
  case present(salt: Bytes16, bytes: ArraySlice<UInt8>)
  /// Taken away, or not fetched yet; only the hash of salt and bytes is left.
  case absent(hash: Digest)

  /// The bytes, where they are there.
  public var bytes: ArraySlice<UInt8>? {
    guard case .present(_, let bytes) = self else { return nil }
    return bytes
  }
}
