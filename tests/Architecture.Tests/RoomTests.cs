// Rooms use each other in one direction: what House.cs allows is all there is, and all of it is there.
namespace RaftLocks.Architecture.Tests;

public class RoomTests
{
    [Fact]
    public void A_room_uses_only_the_rooms_that_it_may() =>
        Assert.Empty(
            Everywhere()
                .SelectMany(each =>
                    each.Building.Rooms.Where(other =>
                            other != each.Room && !each.Room.MayUse.Contains(other.Name, StringComparer.Ordinal)
                        )
                        .SelectMany(other =>
                            each.Building.FilesOf(each.Room)
                                .Where(file => each.Building.Uses(new SourceText(file.Text), each.Room, other))
                                .Select(file => $"{file.Path} uses {each.Building.NamespaceOf(other)}")
                        )
                )
        );

    [Fact]
    public void A_use_that_is_allowed_is_made_somewhere() =>
        Assert.All(
            Everywhere(),
            each =>
                Assert.All(
                    each.Room.MayUse,
                    name =>
                    {
                        var other = RoomOf(each.Building, name);
                        Assert.Contains(
                            each.Building.FilesOf(each.Room),
                            file => each.Building.Uses(new SourceText(file.Text), each.Room, other)
                        );
                    }
                )
        );

    [Fact]
    public void A_room_may_only_use_rooms_that_stand_before_it() =>
        Assert.All(
            House.Buildings,
            building =>
                Assert.All(
                    building.Rooms.Index(),
                    each =>
                        Assert.Empty(
                            each.Item.MayUse.Except(
                                building.Rooms.Take(each.Index).Select(room => room.Name),
                                StringComparer.Ordinal
                            )
                        )
                )
        );

    [Fact]
    public void Each_folder_is_a_room_and_each_file_has_its_rooms_namespace() =>
        Assert.All(
            House.Buildings,
            building =>
            {
                var all = SourceTree
                    .Files(building.Folder, ".cs")
                    .Select(file => file.Path)
                    .Order(StringComparer.Ordinal);
                var rooms = building.Rooms.SelectMany(building.FilesOf).Select(file => file.Path);
                Assert.Equal(all, rooms.Order(StringComparer.Ordinal));
                Assert.All(
                    building.Rooms,
                    room =>
                        Assert.All(
                            building.FilesOf(room),
                            file =>
                                Assert.True(
                                    IsIn(building.NamespaceOf(room), new SourceText(file.Text).Namespace),
                                    file.Path
                                )
                        )
                );
            }
        );

    [Fact]
    public void The_table_of_rooms_in_the_documents_is_what_is_allowed() =>
        Assert.Contains(
            House.Table(),
            File.ReadAllText(Path.Combine(SourceTree.Root, "docs/architecture.md")),
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("using RaftLocks.StateMachine.State;")]
    [InlineData("using static RaftLocks.StateMachine.State.LockStateMachine;")]
    [InlineData("using Machine = RaftLocks.StateMachine.State.LockStateMachine;")]
    [InlineData("int x = RaftLocks.StateMachine.State.LockStateMachine.Y;")]
    [InlineData("int x = global::RaftLocks.StateMachine.State.LockStateMachine.Y;")]
    [InlineData("int x = StateMachine.State.LockStateMachine.Y;")]
    [InlineData("int x = State.LockStateMachine.Y;")]
    [InlineData("string x = $\"{State.LockStateMachine.Y}\";")]
    [InlineData("int x = 1; /* on */ int y = State.LockStateMachine.Y;")]
    [InlineData("// State.LockStateMachine", false)]
    [InlineData("/* using RaftLocks.StateMachine.State; */", false)]
    [InlineData("string x = \"State.LockStateMachine\";", false)]
    [InlineData("string x = @\"a\"\"State.LockStateMachine\";", false)]
    [InlineData("string x = \"\"\"a \"State.LockStateMachine\" b\"\"\";", false)]
    [InlineData("string x = $\"State.LockStateMachine {1}\";", false)]
    [InlineData("int x = request.State.Count;", false)]
    [InlineData("using RaftLocks.StateMachine.StateX;", false)]
    public void A_use_of_a_room_above_is_noticed(string line, bool isUse = true)
    {
        var building = House.Buildings[0];
        var text = new SourceText("namespace RaftLocks.StateMachine.Codec;\n\n" + line + "\n");

        Assert.Equal(isUse, building.Uses(text, RoomOf(building, "Codec"), RoomOf(building, "State")));
    }

    [Theory]
    [InlineData("using RaftLocks.Node.Raft;")]
    [InlineData("private readonly RaftNode node;")]
    [InlineData("var x = Raft.RaftNode.Y;")]
    [InlineData("using RaftLocks.Node.Raft.Files;", false)]
    [InlineData("var x = node.RaftNode;", false)]
    [InlineData("// RaftNode", false)]
    public void A_use_of_the_namespace_around_a_room_is_noticed(string line, bool isUse = true)
    {
        var building = House.Buildings[1];
        var text = new SourceText(line + "\n\nnamespace RaftLocks.Node.Raft.Storage;\n\n" + line + "\n");

        Assert.Equal(isUse, building.Uses(text, RoomOf(building, "Storage"), RoomOf(building, "")));
    }

    // A room may be divided itself. A program's first file has no namespace.
    private static bool IsIn(string room, string declared) =>
        declared.Length == 0 || declared == room || declared.StartsWith(room + ".", StringComparison.Ordinal);

    private static Room RoomOf(Building building, string name) =>
        Assert.Single(building.Rooms, room => room.Name == name);

    private static IEnumerable<(Building Building, Room Room)> Everywhere() =>
        House.Buildings.SelectMany(building => building.Rooms.Select(room => (building, room)));
}
