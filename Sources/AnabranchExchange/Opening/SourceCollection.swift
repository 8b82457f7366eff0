internal import Anabranch

/// Several files that belong together: a folder, or an archive.
protocol SourceCollection: AnyObject {
  /// How an error names it.
  var name: String { get }
  /// The files in it, in ascending order of their names.
  var items: [CollectionItem] { get }

  /// The beginning of a file: all of it where that costs nothing, else at least `bytesMax` bytes of it.
  func beginning(of item: CollectionItem, bytesMax: Int) throws(AnabranchError) -> any ByteSource
  /// All of a file.
  func source(of item: CollectionItem) throws(AnabranchError) -> any ByteSource
}

/// A file in a collection.
struct CollectionItem: Equatable {
  /// Its path within the collection.
  var name: String
  /// Its length in bytes, unpacked.
  var bytes: Int64
  /// Its place in the collection's own order.
  var index: Int

  /// Whether it is what operating systems add on their own: hidden files and what macOS puts beside others.
  static func isClutter(_ name: some StringProtocol) -> Bool {
    name.hasPrefix(".") || name == "__MACOSX"
  }

  /// The last part of its path.
  var lastName: Substring {
    name.split(separator: "/").last ?? ""
  }
}
