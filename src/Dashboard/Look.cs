// Colours and letters. No font is loaded: the system's own is read best.
using MudBlazor;

namespace RaftLocks.Dashboard;

internal static class Look
{
    private static readonly string[] Letters = ["system-ui", "-apple-system", "Segoe UI", "DejaVu Sans", "sans-serif"];

    /// <summary>The colours by day and by night; the system decides which.</summary>
    public static MudTheme Theme { get; } =
        new()
        {
            PaletteLight = new PaletteLight
            {
                Primary = "#0b6e63",
                Secondary = "#8a5a00",
                Background = "#f5f7f6",
                Surface = "#ffffff",
                AppbarBackground = "#0d3b36",
                AppbarText = "#ffffff",
                DrawerBackground = "#ffffff",
                TextPrimary = "#16211f",
                TextSecondary = "#54625f",
                Success = "#1c7a3f",
                Warning = "#9a5b00",
                Error = "#b3261e",
            },
            PaletteDark = new PaletteDark
            {
                Primary = "#4fd1bd",
                PrimaryContrastText = "#06201c",
                Secondary = "#f0b450",
                Background = "#101615",
                Surface = "#19211f",
                AppbarBackground = "#0b1e1b",
                AppbarText = "#e6efed",
                DrawerBackground = "#141b1a",
                TextPrimary = "#e6efed",
                TextSecondary = "#9db0ac",
                Success = "#67d391",
                Warning = "#f0b450",
                Error = "#ff8a80",
            },
            LayoutProperties = new LayoutProperties { DefaultBorderRadius = "8px" },
            Typography = new Typography { Default = new DefaultTypography { FontFamily = Letters } },
        };
}
