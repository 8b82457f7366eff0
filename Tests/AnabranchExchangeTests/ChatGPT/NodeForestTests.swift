import Anabranch
import SeededRandom
import Testing

@testable import AnabranchExchange

@Suite struct NodeForestTests {
  private func node(_ id: String, _ parent: String?, _ children: [String] = []) -> ConversationOutline.Node {
    ConversationOutline.Node(id: id, parent: parent, children: children)
  }

  /// The nodes from roots to leaves, as `id<parent`, and what was odd.
  private func walk(
    _ nodes: [ConversationOutline.Node], times: [String: Int64] = [:]
  ) throws -> (order: [String], codes: [String]) {
    var oddities = Oddities()
    let forest = try NodeForest(nodes, oddities: &oddities) { node throws(AnabranchError) in
      times[nodes[node].id]
    }
    var steps = Array(forest.roots.reversed())
    var order: [String] = []
    while let at = steps.popLast() {
      order.append("\(nodes[at].id)<\(forest.parents[at].map { nodes[$0].id } ?? "")")
      steps += forest.children[at].reversed()
    }
    return (order, oddities.takeWarnings(about: "").map(\.code))
  }

  @Test func listsOfChildrenGiveTheOrder() throws {
    let result = try walk([node("z", "r"), node("a", "r"), node("r", nil, ["z", "a"])])
    #expect(result.order == ["r<", "z<r", "a<r"])
    #expect(result.codes == [])
  }

  @Test func withoutListsTimeAndThenNameGiveTheOrder() throws {
    let nodes = [node("b", "r"), node("late", "r"), node("c", "r"), node("a", "r"), node("r", nil)]
    let result = try walk(nodes, times: ["b": 5, "late": 9, "a": 5, "c": 1])
    #expect(result.order == ["r<", "c<r", "a<r", "b<r", "late<r"])
    #expect(result.codes == [])
  }

  @Test func childrenAloneMakeTheTree() throws {
    let result = try walk([node("b", nil), node("a", nil), node("r", nil, ["b", "a"])])
    #expect(result.order == ["r<", "b<r", "a<r"])
    #expect(result.codes == [])
  }

  @Test func danglingNamesAreToldOf() throws {
    let result = try walk([
      node("a", "gone", ["lost"]), node("b", "gone", []), node("c", "gone"), node("d", nil, ["c"]),
    ])
    #expect(result.order == ["a<", "b<", "d<", "c<d"])
    #expect(result.codes == ["missing-child", "missing-parent"])
  }

  @Test func aNodesOwnWordBeatsAnothersList() throws {
    let result = try walk([node("p", nil, ["x"]), node("q", nil, ["x"]), node("x", "q")])
    #expect(result.order == ["p<", "q<", "x<q"])
    #expect(result.codes == ["parent-mismatch"])
  }

  @Test func cyclesAreCutAtTheEarliest() throws {
    let result = try walk(
      [node("a", "c"), node("b", "a"), node("c", "b"), node("tail", "c"), node("self", "self")],
      times: ["a": 3, "b": 1, "c": 2, "tail": 4])
    #expect(result.order == ["self<", "b<", "c<b", "a<c", "tail<c"])
    #expect(result.codes == ["cycle"])
  }

  /// Whatever the links, every node comes once, behind its parent; and the order they are stored in decides
  /// nothing.
  @Test func everyGraphBecomesAForest() throws {
    var random = RandomStream(seed: 11)
    for _ in 0..<400 {
      let count = 1 + random.below(12)
      var nodes = (0..<count).map { position in
        let parent = random.below(5) == 0 ? nil : "n\(random.below(count + 1))"
        let children = (0..<random.below(3)).map { _ in "n\(random.below(count + 1))" }
        return node("n\(position)", parent, random.below(3) == 0 ? children : [])
      }
      let isConsistent = nodes.allSatisfy(\.children.isEmpty)
      let times = Dictionary(uniqueKeysWithValues: nodes.map { ($0.id, Int64(random.below(3))) })
      let first = try walk(nodes, times: times)
      #expect(first.order.map { $0.prefix { $0 != "<" } }.sorted() == nodes.map { $0.id[...] }.sorted())
      if isConsistent {
        nodes.shuffle(using: &random)
        #expect(try walk(nodes, times: times).order == first.order)
      }
    }
  }

  @Test func aLongChainNeedsNoStack() throws {
    let count = 20_000
    let nodes = (0..<count).map { node("\($0)", $0 == 0 ? nil : "\($0 - 1)") }
    #expect(try walk(nodes).order.count == count)
  }
}
