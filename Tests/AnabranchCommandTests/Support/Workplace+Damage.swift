import Foundation
import Testing

/// What a disk does to a replica.
extension Workplace {
  /// Bytes of a page of a database.
  static let pageBytes = 4_096

  /// Has a disk lose a page of a home's database, which nobody has open: there is `byte` all over. The first one is page 1.
  func lose(page number: Int, byte: UInt8 = 0xA5, of home: String = "laptop") throws {
    let file = URL(filePath: path(home) + "/history.sqlite")
    var bytes = try Data(contentsOf: file)
    let start = (number - 1) * Self.pageBytes
    bytes.replaceSubrange(start..<start + Self.pageBytes, with: Data(repeating: byte, count: Self.pageBytes))
    try bytes.write(to: file)
  }

  /// The number of the page at which a table begins. Needs Python.
  func page(of table: String, of home: String = "laptop") async throws -> Int {
    let script = """
      import sqlite3, sys
      database = sqlite3.connect(sys.argv[1])
      print(database.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", [sys.argv[2]]).fetchone()[0])
      """
    let path = try write(script, to: "page.py")
    let result = try await shell("python3 '\(path)' '\(self.path(home))/history.sqlite' '\(table)'")
    return try #require(Int(result.output.trimmingCharacters(in: .whitespacesAndNewlines)), "\(result.errors)")
  }
}
