// Options that are numbers, with their bounds.
using System.CommandLine;
using System.Globalization;

namespace RaftLocks.Cli.Shared;

internal static class Ranges
{
    /// <summary>Lets a number be checked when it is parsed.</summary>
    public static void Check(Option<int> option, int least, int most) =>
        option.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
            {
                if (
                    !int.TryParse(
                        token.Value,
                        NumberStyles.AllowLeadingSign,
                        CultureInfo.InvariantCulture,
                        out var number
                    )
                    || number < least
                    || number > most
                )
                {
                    result.AddError($"{option.Name} '{token.Value}': give a number from {least} to {most}.");
                }
            }
        });
}
