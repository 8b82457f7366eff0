import Foundation
import SeededRandom
import Testing

@testable import Anabranch

@Suite struct CausalDiagramTests {
  private static func at(_ hours: Int64) -> CausalDiagram.Instant { .init(hours * 3_600_000, "\(hours) h") }

  /// Two devices that each did something to what the first began, a change that has seen both, and what happened meanwhile.
  private static var diamond: CausalDiagram {
    var diagram = CausalDiagram()
    let laptop = diagram.addLane("laptop", detail: "0a1b2c3d")
    let first = diagram.add("0a1b2c3d/1", "began “A & B”", on: laptop, buildingOn: [], at: at(0))
    let second = diagram.add("0a1b2c3d/2", "said “<b>”", on: laptop, buildingOn: [first], at: at(0))
    let phone = diagram.addLane("my \"phone\" \u{7}")
    diagram.remark("no \"network\"", on: [phone], .fault, at: at(3))
    diagram.set(.apart, true, on: phone, includingLast: true)
    let third = diagram.add("1/1", "back\\slash\u{1}", on: phone, buildingOn: [first, 99], at: at(3))
    diagram.set(.apart, false, on: phone)
    diagram.add("0a1b2c3d/3", "merged", on: laptop, buildingOn: [third, second], at: at(3))
    diagram.remark("all are equal", .relief, at: at(3))
    return diagram
  }

  @Test func whatIsNotThereIsNoParent() {
    let diagram = Self.diamond
    #expect(diagram.lanes.map(\.name) == ["laptop", "my \"phone\" \u{7}"])
    #expect(diagram.lanes.map(\.first) == [0, 2])
    #expect(diagram.points.map(\.lane) == [0, 0, 1, 0])
    #expect(diagram.points.map(\.parents) == [[], [0], [0], [1, 3]])
    let stretch = diagram.stretches.first
    #expect(diagram.stretches.count == 1 && stretch?.lane == 1 && stretch?.first == 2 && stretch?.end == 4)
  }

  @Test func aConditionThatComesBackAtOnceGoesOn() {
    var diagram = Self.diamond
    diagram.set(.off, false, on: 0)
    #expect(diagram.stretches.count == 1)
    for holds in [true, true, false, true] { diagram.set(.off, holds, on: 0) }
    let stretch = diagram.stretches.last
    #expect(diagram.stretches.count == 2 && stretch?.lane == 0 && stretch?.first == 6 && stretch?.end == nil)
    diagram.remark("later", on: [0], at: Self.at(4))
    for holds in [false, true] { diagram.set(.apart, holds, on: 1) }
    #expect(diagram.stretches.map(\.condition) == [.apart, .off, .apart])
  }

  @Test func lanesOfOneNameAreToldApart() {
    var diagram = CausalDiagram()
    for detail in ["0a1b2c3d", "9f8e7d6c"] { diagram.addLane("laptop", detail: detail) }
    diagram.addLane("phone", detail: "11223344")
    let svg = diagram.svg()
    #expect(svg.contains(">laptop (0a1b2c3d)</text>") && svg.contains(">laptop (9f8e7d6c)</text>"))
    #expect(svg.contains(">phone</text>"))
  }

  @Test func saysThatMoreWasBefore() {
    var diagram = Self.diamond
    let heights = DiagramLayout(diagram).height
    #expect(!diagram.svg().contains("more before") && !diagram.dot().contains("more before"))
    diagram.hasMore = true
    #expect(diagram.folded().svg().contains(">… and more before</text>"))
    #expect(diagram.folded().dot().contains("more [label=\"… and more before\", shape=plaintext];"))
    #expect(DiagramLayout(diagram).height > heights)
  }

  @Test func svgIsWellFormedAndHasAllThereIs() {
    for diagram in [Self.diamond, CausalDiagram()] {
      let svg = diagram.svg()
      // No text of anybody's is markup, so that all there is in angle brackets is ours, and closed in its order.
      var open: [Substring] = []
      for tag in svg.matches(of: /<(\/?)([a-z]+)[^<>]*?(\/?)>/) {
        if tag.output.1.isEmpty {
          if tag.output.3.isEmpty { open.append(tag.output.2) }
        } else {
          #expect(open.popLast() == tag.output.2)
        }
      }
      #expect(open.isEmpty)
      #expect(svg.matches(of: /&/).count == svg.matches(of: /&(amp|lt|gt|quot);/).count)
      #expect(!svg.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
      #expect(svg.matches(of: /<circle\b/).count == diagram.points.count)
      #expect(svg.matches(of: /class="line"/).count == diagram.points.reduce(0) { $0 + $1.parents.count })
      #expect(svg.matches(of: /<rect\b/).count == diagram.stretches.count)
    }
    let svg = Self.diamond.svg()
    for label in [
      "began “A &amp; B”", "said “&lt;b&gt;”", ">my &quot;phone&quot;", "back\\slash ", "merged",
      ">no &quot;network&quot;<",
      ">all are equal<", ">3 hours later<",
    ] {
      #expect(svg.contains(label), "\(label)")
    }
    #expect(svg.matches(of: /class="time"/).count == 2, "a time is said once")
  }

  /// Whatever builds on whatever: no line runs through a point that it does not lead to, and no words lie on others.
  @Test(arguments: 0..<20) func linesPassPointsBy(seed: UInt64) throws {
    var random = RandomStream(seed: seed, "diagram")
    var diagram = CausalDiagram()
    let lanes = (0..<5).map { diagram.addLane("device \($0)") }
    for row in 0..<60 {
      let parents = (0..<random.number(in: 0...2)).map { _ in random.number(in: 0...max(row - 1, 0)) }
      diagram.add(
        "\(row)", "change \(row)", on: lanes[random.number(in: 0...4)], buildingOn: Set(parents), at: Self.at(0))
    }
    let svg = diagram.svg()
    let points = svg.matches(of: /<circle cx="(\d+)" cy="(\d+)"/).compactMap { match in
      Int(match.output.1).flatMap { x in Int(match.output.2).map { (x: x, y: $0) } }
    }
    #expect(points.count == 60)
    for path in svg.matches(of: /class="line" stroke="[^"]*" d="([^"]*)"/) {
      let line = try #require(Line(String(path.output.1)))
      for point in points where point != line.start && point != line.end {
        let distance = line.distance(to: point)
        #expect(distance >= 6, "\(path.output.1) passes \(point) at \(distance)")
      }
    }
  }

  @Test func whatGoesOnIsDrawnTogether() {
    var diagram = CausalDiagram()
    let (a, b) = (diagram.addLane("a"), diagram.addLane("b"))
    var last = diagram.add("a/1", "imported", on: a, buildingOn: [], at: Self.at(0))
    for number in 2...4 {
      last = diagram.add("a/\(number)", "went on", on: a, buildingOn: [last], at: Self.at(0), goesOn: true)
    }
    // Somebody else builds on the fourth, so that the sixth cannot stand for it, nor the fifth be told from it.
    let other = diagram.add("b/1", "read it", on: b, buildingOn: [last], at: Self.at(0))
    last = diagram.add("a/5", "went on", on: a, buildingOn: [last], at: Self.at(0), goesOn: true)
    diagram.set(.off, true, on: a)
    diagram.add("a/6", "went on", on: a, buildingOn: [last, other], at: Self.at(0), goesOn: true)
    let folded = diagram.folded()
    #expect(folded.points.map(\.count) == [4, 1, 1, 1])
    #expect(folded.points.map(\.parents) == [[], [0], [0], [1, 2]])
    #expect(folded.stretches.map(\.first) == [3])
    #expect(folded.svg().contains(">imported, in 4 changes<"))
    #expect(folded.folded() == folded && Self.diamond.folded() == Self.diamond)
  }

  @Test func whatSomebodyBuildsOnStaysApart() {
    var diagram = CausalDiagram()
    let (a, b) = (diagram.addLane("a"), diagram.addLane("b"))
    let first = diagram.add("a/1", "imported", on: a, buildingOn: [], at: Self.at(0))
    let second = diagram.add("a/2", "went on", on: a, buildingOn: [first], at: Self.at(0), goesOn: true)
    // The third is its own: what is built on the second is not built on that.
    diagram.add("a/3", "went on", on: a, buildingOn: [second], at: Self.at(0), goesOn: true)
    diagram.add("b/1", "read it", on: b, buildingOn: [second], at: Self.at(0))
    // Nor is what another one did a part of it.
    diagram.add("b/2", "went on", on: b, buildingOn: [], at: Self.at(0), goesOn: true)
    #expect(diagram.folded().points.map(\.count) == [2, 1, 1, 1])
  }

  @Test func dotNamesEachChangeInItsLane() {
    #expect(
      Self.diamond.dot() == """
        digraph history {
          node [shape=box, style=rounded, fontname="sans-serif", fontsize=10];
          subgraph cluster_0 {
            label="laptop 0a1b2c3d"; color=gray;
            r0 [label="began “A & B”", tooltip="0a1b2c3d/1"];
            r1 [label="said “<b>”", tooltip="0a1b2c3d/2"];
            r4 [label="merged", tooltip="0a1b2c3d/3"];
          }
          subgraph cluster_1 {
            label="my \\"phone\\"  "; color=gray;
            r2 [label="no \\"network\\"", shape=plaintext];
            r3 [label="back\\\\slash ", tooltip="1/1"];
          }
          r0 -> r1;
          r0 -> r3;
          r1 -> r4;
          r3 -> r4;
          r5 [label="all are equal", shape=plaintext];
          r4 -> r5 [style=dotted, arrowhead=none];
          r2 -> r3 [style=dotted, arrowhead=none];
          r3 -> r5 [style=dotted, arrowhead=none];
        }

        """)
  }
}

/// A path of lines and curves, as a hundred points on each.
private struct Line {
  private var places: [(x: Double, y: Double)] = []

  var start: (x: Int, y: Int) { places.first.map { (Int($0.x), Int($0.y)) } ?? (0, 0) }
  var end: (x: Int, y: Int) { places.last.map { (Int($0.x), Int($0.y)) } ?? (0, 0) }

  /// Reads `M`, `V`, `C` and `Q` in absolute numbers; nil for anything else.
  init?(_ path: String) {
    for step in path.matches(of: /([A-Z])([-0-9 ]+)/) {
      let numbers = step.output.2.split(separator: " ").compactMap { Double($0) }
      let last = places.last ?? (0, 0)
      let pairs = stride(from: 0, to: numbers.count - 1, by: 2).map { (x: numbers[$0], y: numbers[$0 + 1]) }
      switch step.output.1 {
      case "M": places.append(pairs[0])
      case "V": add([last, (last.x, numbers[0])])
      case "C", "Q": add([last] + pairs)
      default: return nil
      }
    }
  }

  /// Adds the Bézier curve of those points, by de Casteljau's rule.
  private mutating func add(_ points: [(x: Double, y: Double)]) {
    for number in 1...100 {
      let share = Double(number) / 100
      var points = points
      while points.count > 1 {
        points = zip(points, points.dropFirst()).map {
          ($0.x + ($1.x - $0.x) * share, $0.y + ($1.y - $0.y) * share)
        }
      }
      places.append(points[0])
    }
  }

  func distance(to point: (x: Int, y: Int)) -> Double {
    places.map { hypot($0.x - Double(point.x), $0.y - Double(point.y)) }.min() ?? .infinity
  }
}
