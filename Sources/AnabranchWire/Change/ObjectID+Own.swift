public import AnabranchCore

/// Objects that stand for something of ours, and that no source can tell of, since only we are called so.
extension ObjectID {
  /// The source of such objects.
  public static let ownSource = "anabranch"

  /// The settings that all devices share.
  public static let settings = ObjectID.imported(Hashing.imported(source: ownSource, path: ["settings"]))

  /// What stands for a device, where something is said of it.
  public static func device(_ key: Digest) -> ObjectID {
    .imported(Hashing.imported(source: ownSource, path: ["device", key.description]))
  }
}
