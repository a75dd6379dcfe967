// Tables for people: no lines but one beneath the heads, so that they can be searched and cut by other programs too.
using Spectre.Console;

namespace RaftLocks.Cli.Shared;

internal static class Grids
{
    public static Table Make(params string[] heads)
    {
        var table = new Table { Border = TableBorder.Simple, ShowRowSeparators = false };
        foreach (var head in heads)
        {
            table.AddColumn(new TableColumn(new Text(head)) { NoWrap = head is "ID" or "STATE" or "SINCE" });
        }

        return table;
    }

    /// <summary>Adds a row of plain text: what is in a label or a path is never taken for markup.</summary>
    public static Table Row(this Table table, params string?[] cells) =>
        table.AddRow(cells.Select(cell => new Text(cell ?? "-")));
}
