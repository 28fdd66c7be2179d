@echo off
rem SPDX-License-Identifier: MIT
rem Runs the test programs and says what became of each:
rem   run-tests.cmd            all of them, and waits for a key at the end (a double click)
rem   run-tests.cmd all
rem   run-tests.cmd NAME...    these alone: run-tests.cmd test_url test_stream
rem The exit code is 1 when one failed. A program that prints no test has failed.
rem What they print is in logs. Tests that need servers which are not there skip themselves.
setlocal
cd /d "%~dp0tests"
if not exist logs mkdir logs
set passed=0
set failed=0
set skipped=0
set failures=

set wait=no
if "%~1"=="" set wait=yes
if "%~1"=="" goto all
if "%~1"=="all" goto all
:next
call :run %1
shift
if not "%~1"=="" goto next
goto summary

:all
for %%f in (test_*.exe) do call :run %%~nf

:summary
echo.
echo %passed% programs passed, %failed% failed, %skipped% skipped all their tests
if not "%failures%"=="" echo FAILED:%failures%
set code=0
if not "%failures%"=="" set code=1
if "%passed%"=="0" set code=1
if "%wait%"=="yes" pause
exit /b %code%

:run
set log=logs\%~1.log
set result=passed
if exist %log% del %log%
"%~1.exe" >%log% 2>&1
if not "%errorlevel%"=="0" set result=FAILED
find "[ RUN      ]" <%log% >nul
if errorlevel 1 set result=FAILED
find "test(s) run." <%log% >nul
if errorlevel 1 set result=FAILED
find "[  FAILED  ]" <%log% >nul
if not errorlevel 1 set result=FAILED
if "%result%"=="FAILED" goto failed
find "[       OK ]" <%log% >nul
if errorlevel 1 goto skipped
set /a passed+=1
find "[  SKIPPED ]" <%log% >nul
if errorlevel 1 echo passed   %~1
if not errorlevel 1 echo passed   %~1, which skipped some of its tests
goto :eof
:skipped
echo skipped  %~1
set /a skipped+=1
goto :eof
:failed
echo FAILED   %~1
type %log%
set /a failed+=1
set failures=%failures% %~1
goto :eof
